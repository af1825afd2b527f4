namespace MLNet.DeepExtensions;

/// <summary>Where model files come from.</summary>
internal abstract class ModelSource : IDisposable
{
    /// <summary>Gets the path or the address, for people.</summary>
    public abstract string Description { get; }

    /// <summary>Gets the file if it is another one than at the last call; null where it is the same. One that turns out to be no model is not given twice.</summary>
    /// <exception cref="IOException">There is none, or it cannot be read.</exception>
    public abstract Task<ModelFile?> FetchAsync(CancellationToken cancellation);

    /// <summary>Waits until it is worth looking again.</summary>
    public abstract Task WaitAsync(CancellationToken cancellation);

    /// <summary>What was fetched last was not whole: it will be given again.</summary>
    public abstract void Forget();

    public virtual void Dispose() { }
}

/// <summary>A model file that is open.</summary>
/// <param name="Content">Its bytes, from the first on.</param>
/// <param name="Version">The first digits of their SHA-256.</param>
/// <param name="HasChanged">Whether the file was written to since it was opened.</param>
internal sealed record ModelFile(Stream Content, string Version, Func<bool> HasChanged) : IDisposable
{
    public void Dispose() => Content.Dispose();

    /// <summary>The version of a file, read from where it stands; it then stands at its beginning.</summary>
    /// <exception cref="IOException">It has more bytes than are allowed.</exception>
    public static async Task<string> VersionOf(Stream content, long maxBytes, CancellationToken cancellation)
    {
        if (content.Length > maxBytes)
            throw new IOException($"It has {content.Length:N0} bytes, more than MaxModelBytes = {maxBytes:N0} allows.");
        content.Position = 0;
        var hash = await System.Security.Cryptography.SHA256.HashDataAsync(content, cancellation).ConfigureAwait(false);
        content.Position = 0;
        return Convert.ToHexStringLower(hash)[..12];
    }
}
