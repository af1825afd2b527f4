namespace MLNet.DeepExtensions;

/// <summary>A file of data that someone else wrote, read whole, but only up to a limit.</summary>
internal static class BoundedFile
{
    /// <param name="path">The path, as the data name it.</param>
    /// <param name="folder">What a relative path is relative to; null is the folder in which the application runs.</param>
    /// <param name="maxBytes">The most bytes that are read.</param>
    /// <param name="broken">Makes the exception from the end of a sentence that begins with the file, and from what was thrown.</param>
    public static byte[] Read(string path, string? folder, int maxBytes, Func<string, Exception?, Exception> broken)
    {
        var full = folder is null ? path : Path.Combine(folder, path);
        try
        {
            if (Directory.Exists(full))
                throw broken("is a folder.", null);
            using var file = File.OpenHandle(full, options: FileOptions.SequentialScan);
            var length = RandomAccess.GetLength(file);
            if (length > maxBytes)
                throw TooMany(length, maxBytes, broken);
            var bytes = GC.AllocateUninitializedArray<byte>((int)length);
            for (int read, at = 0; at < bytes.Length; at += read)
                if ((read = RandomAccess.Read(file, bytes.AsSpan(at), at)) == 0)
                    throw broken("became shorter while it was read.", null);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw broken(e is FileNotFoundException or DirectoryNotFoundException
                ? $"does not exist{(Path.IsPathRooted(full) ? "" : $" below {Path.GetFullPath(folder ?? ".")}")}." : $"cannot be opened: {e.Message}", e);
        }
    }

    public static Exception TooMany(long length, int maxBytes, Func<string, Exception?, Exception> broken) => broken($"has {length:N0} bytes, more than MaxBytes = {maxBytes:N0} allows.", null);
}
