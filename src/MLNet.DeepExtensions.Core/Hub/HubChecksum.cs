using System.Security.Cryptography;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>What a file must hold: its SHA-256, or what git calls it.</summary>
/// <param name="Hash">64 hexadecimal digits of SHA-256, or 40 of git's SHA-1 over <c>blob {size}\0</c> and the bytes, which tells damage but no forgery.</param>
internal sealed record HubChecksum(string Hash)
{
    /// <summary>The one that counts: the caller's, the hub's list's, its answer's; null where nobody states one.</summary>
    public static HubChecksum? Find(HubFile file, string? stated, HubOptions options) =>
        (options.Sha256.GetValueOrDefault(file.Name) ?? file.Sha256 ?? file.GitBlob ?? stated) is { } hash ? new HubChecksum(hash) : null;

    /// <exception cref="InvalidModelFileException">Nobody states one.</exception>
    public static HubChecksum Require(HubFile file, string? stated, HubOptions options) => Find(file, stated, options) ?? throw new InvalidModelFileException(
        $"The hub states no checksum of '{file.Name}', so nobody could tell whether it is whole. If you trust where it comes from, give its SHA-256: " +
        $"new HubOptions {{ Sha256 = new Dictionary<string, string> {{ [\"{file.Name}\"] = \"…\" }} }}.");

    public async Task<bool> FitsAsync(string path, CancellationToken cancellation)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        if (Hash.Length == 64)
            return Is(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
        using var git = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        git.AppendData(Encoding.ASCII.GetBytes($"blob {stream.Length}\0"));
        var piece = new byte[1 << 16];
        for (int read; (read = await stream.ReadAsync(piece, cancellation).ConfigureAwait(false)) > 0;)
            git.AppendData(piece.AsSpan(0, read));
        return Is(git.GetHashAndReset());

        bool Is(byte[] hash) => Convert.ToHexString(hash).Equals(Hash, StringComparison.OrdinalIgnoreCase);
    }
}
