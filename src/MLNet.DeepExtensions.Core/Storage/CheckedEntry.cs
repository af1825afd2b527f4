using System.IO.Compression;
using System.IO.Hashing;

namespace MLNet.DeepExtensions;

/// <summary>
/// An entry of a zip archive whose length and CRC-32 are held against what the archive says of it. .NET's own stream checks neither: a bit that fell over on a disk would become a weight.
/// </summary>
internal sealed class CheckedEntry : Stream
{
    private readonly Stream inner;
    private readonly string name;
    private readonly long length;
    private readonly uint expected;
    private readonly Crc32 checksum = new();
    private long read;
    private bool isChecked;

    /// <summary>Watches a stream that somebody else unpacks.</summary>
    /// <param name="inner">The unpacked entry, from its first byte on.</param>
    /// <param name="entry">What the archive says of it.</param>
    public CheckedEntry(Stream inner, ZipArchiveEntry entry) => (this.inner, name, length, expected) = (inner, entry.FullName, entry.Length, entry.Crc32);

    /// <summary>Opens an entry.</summary>
    /// <exception cref="InvalidModelFileException">It is compressed or encrypted in a way that is not known, or its place is damaged.</exception>
    public static CheckedEntry Open(ZipArchiveEntry entry)
    {
        try
        {
            return new CheckedEntry(entry.Open(), entry);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException)
        {
            throw Damaged(entry.FullName, e.Message, e);
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = inner.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(name, e.Message, e);
        }
        read += count;
        if (read > length)
            throw Damaged(name, $"it unpacks to more than the {length:N0} bytes that the archive says");
        checksum.Append(buffer[..count]);
        if (count == 0 && buffer.Length > 0 && read < length)
            throw Damaged(name, $"it has {read:N0} bytes where the archive says {length:N0}");
        if (read == length && !isChecked)
        {
            isChecked = true;
            if (checksum.GetCurrentHashAsUInt32() != expected)
                throw Damaged(name, "its bytes do not give the checksum that the archive says");
        }
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private static InvalidModelFileException Damaged(string name, string how, Exception? inner = null) => new($"'{FileText.Shorten(name)}' in the file is damaged: {how}.", inner);
}
