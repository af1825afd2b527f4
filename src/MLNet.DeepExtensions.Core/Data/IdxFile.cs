using System.Buffers.Binary;
using System.IO.Compression;

namespace MLNet.DeepExtensions;

/// <summary>The types of numbers that an IDX file may hold, by their code in its header.</summary>
internal enum IdxElement : byte
{
    UInt8 = 0x08,
    Int8 = 0x09,
    Int16 = 0x0B,
    Int32 = 0x0C,
    Single = 0x0D,
    Double = 0x0E,
}

/// <summary>
/// An IDX file, plain or gzip: two zero bytes, the type of its numbers, how many dimensions it has, the size of each, then the numbers, big-endian.
/// The format of MNIST and its kin (yann.lecun.com/exdb/mnist). Opening it reads the header only.
/// </summary>
internal sealed class IdxFile
{
    private const int MaxDimensions = 8;
    private const int MaxRowBytes = 1 << 30;
    private const int DeflateMaxRatio = 1032;               // zlib's "Maximum Compression Factor"

    private readonly byte[] header;
    private readonly bool isCompressed;

    private IdxFile(string path, byte[] header, bool isCompressed, long rows, int[] rowDimensions)
    {
        (Path, Rows, RowDimensions) = (path, rows, rowDimensions);
        (this.header, this.isCompressed) = (header, isCompressed);
    }

    public string Path { get; }

    public long Rows { get; }

    /// <summary>Gets the dimensions of a row: [28, 28] for pictures, none for labels.</summary>
    public int[] RowDimensions { get; }

    public IdxElement Elements => (IdxElement)header[2];

    public int ElementBytes => BytesOf(Elements);

    public int RowBytes => RowDimensions.Aggregate(ElementBytes, (product, size) => product * size);

    private long ExpectedBytes => header.Length + Rows * RowBytes;

    /// <summary>Reads the header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no IDX file, or it does not have the length that its header says.</exception>
    public static IdxFile Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);            // the working folder may change before a cursor comes
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no IDX file '{path}'.", path);
        using var raw = OpenRaw(path, bufferSize: 4096);
        var isCompressed = IsGzip(raw);
        using var stream = isCompressed ? new GZipStream(raw, CompressionMode.Decompress) : (Stream)raw;
        var file = Parse(path, stream, isCompressed);
        file.CheckLength(raw.Length);
        return file;
    }

    /// <summary>Opens the file for reading and goes to the first number.</summary>
    /// <exception cref="InvalidDataException">It is another file than the one that was opened.</exception>
    public Stream OpenNumbers()
    {
        var raw = OpenRaw(Path, bufferSize: 1 << 16);
        try
        {
            Stream stream = IsGzip(raw) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
            var now = new byte[header.Length];
            stream.ReadAtLeast(now, now.Length, throwOnEndOfStream: false);
            return now.AsSpan().SequenceEqual(header) ? stream
                : throw new InvalidDataException($"'{Path}' was replaced by another file after it was loaded. Call LoadIdx again.");
        }
        catch
        {
            raw.Dispose();
            throw;
        }
    }

    private static IdxFile Parse(string path, Stream stream, bool isCompressed)
    {
        var header = new byte[4];
        ReadHeader(header);
        if (header[0] != 0 || header[1] != 0 || !Enum.IsDefined((IdxElement)header[2]) || header[3] == 0)
            throw new InvalidDataException($"'{path}' is no IDX file: it starts with the bytes {Convert.ToHexString(header)}, " +
                "where IDX has 0000, a type of numbers (08, 09, 0B, 0C, 0D or 0E) and how many dimensions there are; MNIST's pictures start with 00000803.");
        if (header[3] > MaxDimensions)
            throw new InvalidDataException($"'{path}' says that it has {header[3]} dimensions; 1 to {MaxDimensions} can be read.");
        var count = header[3];
        Array.Resize(ref header, 4 + 4 * count);
        ReadHeader(header.AsSpan(4));
        var sizes = Enumerable.Range(0, count).Select(i => (long)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 + 4 * i))).ToArray();
        long rowBytes = BytesOf((IdxElement)header[2]);
        foreach (var size in sizes[1..])
            if (size == 0 || (rowBytes *= size) > MaxRowBytes)
                throw new InvalidDataException($"'{path}' says that its dimensions are [{string.Join(", ", sizes)}]; a row may have 1 to {MaxRowBytes:N0} bytes.");
        return new IdxFile(path, header, isCompressed, sizes[0], [.. sizes[1..].Select(size => (int)size)]);

        void ReadHeader(Span<byte> part)
        {
            try
            {
                stream.ReadExactly(part);
            }
            catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
            {
                throw new InvalidDataException($"'{path}' is no complete IDX file: it ends, or is damaged, within its header.", e);
            }
        }
    }

    private static int BytesOf(IdxElement element) => element switch
    {
        IdxElement.Int16 => 2,
        IdxElement.Int32 or IdxElement.Single => 4,
        IdxElement.Double => 8,
        _ => 1,
    };

    private void CheckLength(long length)
    {
        var header = $"its header [{string.Join(", ", [Rows, .. RowDimensions.Select(size => (long)size)])}]";
        if (!isCompressed && length != ExpectedBytes)
            throw new InvalidDataException($"'{Path}' has {length:N0} bytes, but {header} asks for {ExpectedBytes:N0}: the file is {(length < ExpectedBytes ? "cut off" : "too long")}.");
        // how long the content is shows only when it is inflated, but it cannot be longer than this
        if (isCompressed && ExpectedBytes / DeflateMaxRatio > length)
            throw new InvalidDataException($"'{Path}' has {length:N0} bytes of gzip, which cannot hold the {ExpectedBytes:N0} bytes that {header} asks for: the file is cut off or damaged.");
    }

    private static FileStream OpenRaw(string path, int bufferSize) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize, FileOptions.SequentialScan);

    // what it is, whatever the name says
    private static bool IsGzip(FileStream raw)
    {
        var isGzip = raw.ReadByte() == 0x1f && raw.ReadByte() == 0x8b;
        raw.Position = 0;
        return isGzip;
    }
}
