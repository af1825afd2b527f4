namespace MLNet.DeepExtensions;

/// <summary>Brings one file: on from where an earlier attempt ended, held against its checksum, and moved to its place in one step.</summary>
internal sealed class HubTransfer(HubClient client, HubOptions options, string id, string commit, HubFile file, string partial)
{
    private string? stated;
    private bool isContinued;

    /// <exception cref="HttpRequestException">It cannot be had.</exception>
    /// <exception cref="InvalidModelFileException">It is too large, or not what its checksum says.</exception>
    public async Task RunAsync(string target, CancellationToken cancellation)
    {
        if (file.Size > options.MaxFileBytes)
            throw TooLarge(file.Size.Value);
        isContinued = Length > 0;
        while (true)
        {
            await HubRetries.RunAsync(() => ReceiveAsync(cancellation), () => Length, options, cancellation).ConfigureAwait(false);
            var checksum = HubChecksum.Require(file, stated, options);
            if (await checksum.FitsAsync(partial, cancellation).ConfigureAwait(false))
                break;
            File.Delete(partial);
            // what an earlier run left may be another file's beginning
            if (!isContinued)
                throw new InvalidModelFileException($"'{file.Name}' of '{id}' is not what its checksum says ({checksum.Hash}): it was damaged on the way, or is another file. It was deleted.");
            isContinued = false;
        }
        File.Move(partial, target, overwrite: true);
    }

    private long Length => File.Exists(partial) ? new FileInfo(partial).Length : 0;

    private async Task<bool> ReceiveAsync(CancellationToken cancellation)
    {
        using var target = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 1 << 16, useAsync: true);
        if (target.Length > (file.Size ?? options.MaxFileBytes))
            target.SetLength(0);
        if (target.Length == file.Size && HubChecksum.Find(file, stated, options) is not null)
            return true;                                        // whole already; the checksum will tell
        using var clock = new StallClock(options.Timeout, cancellation);
        using var reply = await client.GetAsync(id, commit, file.Name, target.Length, clock).ConfigureAwait(false);
        stated ??= reply.Checksum;
        if (reply.IsRest is null || reply.IsRest == true && reply.From != target.Length)
        {
            target.SetLength(0);
            throw new HubTransientException($"The hub has no such rest of '{file.Name}' as was asked for.");
        }
        if (reply.IsRest == false)
            target.SetLength(0);
        target.Position = target.Length;
        var total = file.Size ?? reply.Total;
        if (total > options.MaxFileBytes)
            throw TooLarge(total.Value);
        await foreach (var piece in reply.ReadAsync(clock, cancellation).ConfigureAwait(false))
        {
            if (target.Position + piece.Length > (total ?? options.MaxFileBytes))
            {
                target.SetLength(0);
                throw total is null ? TooLarge(target.Position + piece.Length) : new InvalidModelFileException($"'{file.Name}' of '{id}' goes on behind the {total:N0} bytes that it should have. It was deleted.");
            }
            await target.WriteAsync(piece, cancellation).ConfigureAwait(false);
            options.Progress?.Report(new HubProgress(file.Name, target.Position, total));
        }
        await target.FlushAsync(cancellation).ConfigureAwait(false);
        if (target.Position < total)
            throw new HubTransientException($"The connection ended after {target.Position:N0} of the {total:N0} bytes of '{file.Name}'.");
        target.Flush(flushToDisk: true);
        return true;
    }

    private InvalidModelFileException TooLarge(long bytes) => new(
        $"'{file.Name}' of '{id}' has {bytes:N0} bytes or more, but MaxFileBytes allows {options.MaxFileBytes:N0}. If you want it, raise the limit: new HubOptions {{ MaxFileBytes = … }}.");
}
