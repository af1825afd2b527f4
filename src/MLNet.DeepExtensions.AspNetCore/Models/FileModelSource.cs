namespace MLNet.DeepExtensions;

/// <summary>
/// A model file on a disk. The operating system tells of changes; where it cannot (network shares, links that are moved elsewhere), the file is looked at every few seconds. A file counts as
/// changed when it has been still for a moment: a writer may take its time, and several files may replace each other in a row.
/// </summary>
internal sealed class FileModelSource : ModelSource
{
    private static readonly TimeSpan stillFor = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan lookEvery = TimeSpan.FromSeconds(3);

    private readonly string path;
    private readonly long maxBytes;
    private readonly bool watches;
    private readonly SemaphoreSlim changed = new(0, 1);
    private readonly FileSystemWatcher? watcher;
    private Stamp? seen;
    private string? version;

    public FileModelSource(string path, bool watches, long maxBytes)
    {
        (this.path, this.watches, this.maxBytes) = (Path.GetFullPath(path), watches, maxBytes);
        if (!watches || !Directory.Exists(Path.GetDirectoryName(this.path)))
            return;
        try
        {
            watcher = new FileSystemWatcher(Path.GetDirectoryName(this.path)!, Path.GetFileName(this.path)) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
            watcher.Changed += (_, _) => Signal();
            watcher.Created += (_, _) => Signal();
            watcher.Renamed += (_, _) => Signal();
            watcher.EnableRaisingEvents = true;
        }
        // no more watches are to be had: looking every few seconds does
        catch (IOException)
        {
            watcher?.Dispose();
            watcher = null;
        }
    }

    public override string Description => path;

    public override async Task<ModelFile?> FetchAsync(CancellationToken cancellation)
    {
        var stamp = Stamp.Of(path) ?? throw new FileNotFoundException($"The file {path} does not exist.");
        if (stamp == seen)
            return null;
        if (stamp.Length > maxBytes)
            seen = stamp;
        var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        try
        {
            var now = await ModelFile.VersionOf(content, maxBytes, cancellation).ConfigureAwait(false);
            seen = stamp;
            if (now == version)
            {
                await content.DisposeAsync().ConfigureAwait(false);
                return null;
            }
            version = now;
            return new ModelFile(content, now, () => Stamp.Of(path) != stamp);
        }
        catch
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override async Task WaitAsync(CancellationToken cancellation)
    {
        if (!watches)
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false);
        // a file that is gone is no news: the model goes on
        do
            await changed.WaitAsync(lookEvery, cancellation).ConfigureAwait(false);
        while (Stamp.Of(path) is not { } there || there == seen);
        for (Stamp? before = null, now; (now = Stamp.Of(path)) != before; before = now)
            await Task.Delay(stillFor, cancellation).ConfigureAwait(false);
    }

    public override void Forget() => (seen, version) = (null, null);

    public override void Dispose()
    {
        watcher?.Dispose();
        changed.Dispose();
    }

    private void Signal()
    {
        try
        {
            changed.Release();
        }
        // it was told already, or nobody listens any more
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
        }
    }

    /// <summary>What a file looks like from outside.</summary>
    private sealed record Stamp(string Target, long Length, DateTime Written)
    {
        public static Stamp? Of(string path)
        {
            try
            {
                var file = new FileInfo(path);
                if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
                    file = target;
                return file.Exists ? new Stamp(file.FullName, file.Length, file.LastWriteTimeUtc) : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}
