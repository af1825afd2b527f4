using System.Buffers.Binary;
using System.IO.Compression;

namespace MLNet.DeepExtensions;

/// <summary>
/// An IDX file, plain or gzip: a magic number, the size of each dimension, then the values, big-endian. The format of MNIST and its kin.
/// </summary>
internal sealed class IdxFile
{
    private const byte UnsignedByte = 0x08;

    private IdxFile(string path, int[] dimensions, bool isCompressed) => (Path, Dimensions, IsCompressed) = (path, dimensions, isCompressed);

    public string Path { get; }

    /// <summary>Gets the rows, then the dimensions of each row.</summary>
    public int[] Dimensions { get; }

    public bool IsCompressed { get; }

    public int Rows => Dimensions[0];

    public int RowBytes => Dimensions.Skip(1).Aggregate(1, (product, size) => product * size);

    private int HeaderBytes => 4 + 4 * Dimensions.Length;

    /// <summary>Reads the header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no IDX file of bytes, or it is shorter than its header says.</exception>
    public static IdxFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no IDX file '{path}'.", path);
        using var raw = File.OpenRead(path);
        var isCompressed = raw.ReadByte() == 0x1f && raw.ReadByte() == 0x8b;            // gzip, whatever the name says
        raw.Position = 0;
        using Stream stream = isCompressed ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        try
        {
            Span<byte> word = stackalloc byte[4];
            stream.ReadExactly(word);
            if (word[0] != 0 || word[1] != 0)
                throw new InvalidDataException($"'{path}' is no IDX file: it starts with {Convert.ToHexString(word)}, where IDX has 0000, a type and the number of dimensions.");
            if (word[2] != UnsignedByte)
                throw new InvalidDataException($"'{path}' holds values of IDX type 0x{word[2]:X2}; only unsigned bytes (0x08), as in MNIST, are read.");
            if (word[3] is 0 or > 8)
                throw new InvalidDataException($"'{path}' says that it has {word[3]} dimensions; 1 to 8 are read.");
            var dimensions = new int[word[3]];
            var rowBytes = 1L;
            for (var i = 0; i < dimensions.Length; i++)
            {
                stream.ReadExactly(word);
                var size = BinaryPrimitives.ReadUInt32BigEndian(word);
                if (size > int.MaxValue || i > 0 && (size == 0 || (rowBytes *= size) > 1 << 30))
                    throw new InvalidDataException($"'{path}' says that dimension {i} has {size} values; a row may have 1 to {1 << 30} bytes.");
                dimensions[i] = (int)size;
            }
            var file = new IdxFile(path, dimensions, isCompressed);
            var expected = file.HeaderBytes + (long)file.Rows * file.RowBytes;
            if (!isCompressed && raw.Length != expected)
                throw new InvalidDataException($"'{path}' has {raw.Length:N0} bytes, but its header [{string.Join(", ", dimensions)}] asks for {expected:N0}.");
            return file;
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException($"'{path}' ends within its header.");
        }
    }

    public Reader OpenReader() => new(this);

    /// <summary>Goes through the rows from the first; a row's bytes are valid until the next one is asked for.</summary>
    public sealed class Reader : IDisposable
    {
        private const int BufferBytes = 1 << 18;

        private readonly IdxFile file;
        private readonly Stream stream;
        private readonly byte[] buffer;
        private readonly int rowBytes;
        private int start;
        private int end;
        private long row = -1;

        internal Reader(IdxFile file)
        {
            this.file = file;
            rowBytes = file.RowBytes;
            buffer = new byte[Math.Max(BufferBytes / rowBytes, 1) * rowBytes];
            var raw = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
            stream = file.IsCompressed ? new GZipStream(raw, CompressionMode.Decompress) : raw;
            stream.ReadExactly(new byte[file.HeaderBytes]);
        }

        /// <summary>Moves forward to a row; rows in between are passed over.</summary>
        public ReadOnlySpan<byte> Read(long wanted)
        {
            while (row < wanted)
            {
                start += row < 0 ? 0 : rowBytes;
                if (start == end)
                    Fill();
                row++;
            }
            return buffer.AsSpan(start, rowBytes);
        }

        public void Dispose() => stream.Dispose();

        private void Fill()
        {
            var rowsLeft = file.Rows - row - 1;
            var wanted = (int)Math.Min(buffer.Length, rowsLeft * rowBytes);
            (start, end) = (0, 0);
            try
            {
                end = stream.ReadAtLeast(buffer.AsSpan(0, wanted), wanted, throwOnEndOfStream: false);
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"'{file.Path}' is damaged near row {row + 1} of {file.Rows}: {e.Message}", e);
            }
            if (end < wanted)
                throw new InvalidDataException($"'{file.Path}' ends in row {row + 1 + end / rowBytes} of the {file.Rows} that its header promises: the file is cut off.");
        }
    }
}
