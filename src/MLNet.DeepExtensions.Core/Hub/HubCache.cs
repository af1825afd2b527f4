using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>
/// Where models lie on this machine, in the layout of Hugging Face's own tools: <c>models--owner--name/refs/main</c> says which commit a branch stood at, <c>…/snapshots/{commit}</c> has the files.
/// A file is there when all of it is; what is being downloaded lies beside, in <c>partial</c>.
/// </summary>
internal sealed class HubCache
{
    private static readonly TimeSpan untilNextLook = TimeSpan.FromMilliseconds(100);

    private readonly string model;
    private readonly string gate;

    public HubCache(string directory, string id)
    {
        var name = "models--" + id.Replace("/", "--", StringComparison.Ordinal);
        (model, gate) = (Path.Combine(directory, name), Path.Combine(directory, ".locks", name + ".lock"));
    }

    /// <summary>Gets the folder that Hugging Face's tools use: HF_HUB_CACHE, else <c>hub</c> in HF_HOME, else in the user's <c>.cache/huggingface</c>.</summary>
    public static string DefaultDirectory => Variable("HF_HUB_CACHE") ?? Path.Combine(
        Variable("HF_HOME") ?? Path.Combine(Variable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "huggingface"), "hub");

    public string SnapshotOf(string commit) => Path.Combine(model, "snapshots", commit);

    /// <summary>The commit that a revision stood at when it was last looked up; null where it never was.</summary>
    public string? CommitOf(string revision)
    {
        if (HubNames.IsCommit(revision))
            return revision;
        var reference = ReferenceOf(revision);
        if (!File.Exists(reference) || new FileInfo(reference).Length > 100)
            return null;
        var commit = File.ReadAllText(reference).Trim();
        return HubNames.IsCommit(commit) ? commit : null;
    }

    /// <summary>Writes down what a revision stood at.</summary>
    public void Remember(string revision, string commit)
    {
        if (HubNames.IsCommit(revision) || CommitOf(revision) == commit)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(ReferenceOf(revision))!);
        AtomicFile.Write(ReferenceOf(revision), stream => stream.Write(Encoding.ASCII.GetBytes(commit)));
    }

    /// <summary>Where a file lies while it is being downloaded: on the same disk, so that it can be moved in one step.</summary>
    public string PartialOf(string commit, string file) => Path.Combine(Directory.CreateDirectory(Path.Combine(model, "partial")).FullName, $"{commit}.{file}");

    /// <summary>Waits until no other process, and nobody else in this one, downloads this model. The file stays: whoever deletes it lets two in.</summary>
    public async Task<FileStream> EnterAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(gate)!);
        while (true)
        {
            try
            {
                return new FileStream(gate, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeld(e))
            {
                await Task.Delay(untilNextLook, cancellation).ConfigureAwait(false);
            }
        }
    }

    // that somebody else has the file open: EWOULDBLOCK on Linux and on macOS, a sharing violation on Windows
    private static bool IsHeld(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;

    private string ReferenceOf(string revision) => Path.Combine(model, "refs", Path.Combine(revision.Split('/')));

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
