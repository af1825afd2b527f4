using System.Text.RegularExpressions;

namespace MLNet.DeepExtensions;

/// <summary>What may become a part of an address or of a path: names that a person or a server gave.</summary>
internal static partial class HubNames
{
    /// <exception cref="ArgumentException">It is none.</exception>
    public static void CheckId(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        if (!Id().IsMatch(id) || id.Contains("..", StringComparison.Ordinal) || id.Contains("--", StringComparison.Ordinal))
            throw new ArgumentException($"'{FileText.Shorten(id)}' is no name of a model on a hub. Write owner/name, such as google-bert/bert-base-chinese: letters, digits, '-', '_' and '.'. " +
                "A folder on this machine is opened with PretrainedModel.FromFolder.", nameof(id));
    }

    /// <exception cref="ArgumentException">It is none.</exception>
    public static void CheckRevision(string revision)
    {
        ArgumentException.ThrowIfNullOrEmpty(revision);
        if (!Revision().IsMatch(revision) || revision.Contains("..", StringComparison.Ordinal))
            throw new ArgumentException($"'{FileText.Shorten(revision)}' is no revision. Write a branch (main), a tag, or a commit of 40 hexadecimal digits.", nameof(revision));
    }

    /// <summary>Whether a revision names one state for ever.</summary>
    public static bool IsCommit(string revision) => Commit().IsMatch(revision);

    /// <summary>Whether it is a file's name without a path, on any operating system.</summary>
    public static bool IsFile(string name) => FileName().IsMatch(name) && !name.EndsWith('.');

    public static bool IsSha256(string? hash) => hash is not null && Sha256().IsMatch(hash);

    public static bool IsSha1(string? hash) => hash is not null && Sha1().IsMatch(hash);

    /// <summary>Whether nobody in between can read or change what comes from there.</summary>
    public static bool IsTrusted(Uri address) => address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,95})?\z")]
    private static partial Regex Id();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}){0,4}\z")]
    private static partial Regex Revision();

    [GeneratedRegex(@"\A([0-9a-f]{40}|[0-9a-f]{64})\z")]
    private static partial Regex Commit();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex FileName();

    [GeneratedRegex(@"\A[0-9a-fA-F]{64}\z")]
    private static partial Regex Sha256();

    [GeneratedRegex(@"\A[0-9a-fA-F]{40}\z")]
    private static partial Regex Sha1();
}
