namespace MLNet.DeepExtensions;

/// <summary>Reads what a file says, and not more than it may say.</summary>
internal static class BoundedStream
{
    /// <exception cref="InvalidModelFileException">The stream is longer.</exception>
    public static ReadOnlySpan<byte> ReadAll(Stream stream, int maxBytes, string name)
    {
        using var buffer = new MemoryStream();
        var piece = new byte[1 << 14];
        for (int read; (read = stream.Read(piece)) > 0; buffer.Write(piece, 0, read))
            if (buffer.Length + read > maxBytes)
                throw new InvalidModelFileException($"{name} is longer than {maxBytes:N0} bytes.");
        return buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
    }
}
