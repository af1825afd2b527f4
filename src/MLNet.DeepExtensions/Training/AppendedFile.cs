namespace MLNet.DeepExtensions;

/// <summary>
/// A file to which lines are added while a run goes on. It is opened for each of them, so that nothing is lost or kept open when the run ends by an exception;
/// lines that cannot be written because somebody else holds the file wait for the next one, since a log is no reason to lose a run.
/// </summary>
internal sealed class AppendedFile
{
    private readonly string path;
    private readonly byte[] header;
    private readonly MemoryStream waiting = new();
    private long? keep = 0;                                     // how much of what is there stays, until the first line is written
    private long length;

    /// <param name="path">The file; it is made, or emptied when the first line comes.</param>
    /// <param name="header">What stands at its beginning.</param>
    /// <exception cref="IOException">The folder does not exist, or the file is in use or must not be written.</exception>
    public AppendedFile(string path, byte[] header)
    {
        (this.path, this.header) = (Path.GetFullPath(path), header);
        var folder = Path.GetDirectoryName(this.path);
        if (folder is not null && !Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{folder}' does not exist. Create it first: Directory.CreateDirectory(\"{folder}\").");
        try
        {
            Open().Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{this.path}' cannot be written: {e.Message} Close the program that has it open, or name another file.", e);
        }
    }

    /// <summary>Gets the length of what is written, to go on from.</summary>
    public long Length => keep ?? length;

    /// <summary>Goes on behind what an earlier run had written when its state was kept, and forgets what it wrote after that.</summary>
    /// <param name="length">What <see cref="Length"/> was then.</param>
    /// <exception cref="InvalidOperationException">The file begins otherwise than this run would begin it.</exception>
    public void GoOn(long length)
    {
        using var stream = Open();
        var start = new byte[Math.Min(header.Length, stream.Length)];
        stream.ReadExactly(start);
        if (start.Length > 0 && !start.AsSpan().SequenceEqual(header))
            throw new InvalidOperationException($"'{path}' has other columns than the run that goes on would write there. Measure the same metrics as before, or name another file.");
        // somebody changed or replaced it: then all of it stays
        keep = length > stream.Length || length > 0 && !EndsALine(stream, length) ? stream.Length : length;
    }

    public void Append(byte[] line)
    {
        waiting.Write(line);
        TryWrite();
    }

    /// <summary>Writes what still waits; if the file is held to the last, into another beside it.</summary>
    public void End()
    {
        if (!TryWrite())
            File.WriteAllBytes(path + ".rest", waiting.ToArray());
    }

    private bool TryWrite()
    {
        try
        {
            if (waiting.Length == 0)
                return true;
            using var stream = Open();
            if (keep is { } kept)
                stream.SetLength(kept);
            keep = null;
            stream.Seek(0, SeekOrigin.End);
            if (stream.Length == 0)
                stream.Write(header);
            stream.Write(waiting.GetBuffer().AsSpan(0, (int)waiting.Length));
            stream.Flush();
            length = stream.Length;
            waiting.SetLength(0);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private FileStream Open() => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);

    private static bool EndsALine(FileStream stream, long length)
    {
        stream.Seek(length - 1, SeekOrigin.Begin);
        return stream.ReadByte() == '\n';
    }
}
