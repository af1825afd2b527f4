using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MLNet.DeepExtensions;

/// <summary>Goes through the rows of an IDX file from the first, many at a time. The file is opened when the first row is asked for.</summary>
internal sealed class IdxReader(IdxFile file) : IDisposable
{
    // half of it stays in the second-level cache while rows are handed out
    private const int BufferBytes = 1 << 18;

    private readonly int rowBytes = file.RowBytes;
    private Stream? stream;
    private byte[] buffer = [];
    private long first;
    private int held;

    /// <summary>Reads a row, which must not lie before the one read last.</summary>
    /// <returns>Its numbers in this machine's byte order, valid until another row is read.</returns>
    public ReadOnlySpan<T> Read<T>(long row) where T : unmanaged
    {
        while (row >= first + held)
            Fill();
        return MemoryMarshal.Cast<byte, T>(buffer.AsSpan((int)(row - first) * rowBytes, rowBytes));
    }

    public void Dispose() => stream?.Dispose();

    private void Fill()
    {
        if (stream is null)
        {
            stream = file.OpenNumbers();
            buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(Math.Max(BufferBytes / rowBytes, 1), file.Rows) * rowBytes);
        }
        (first, held) = (first + held, 0);
        var wanted = (int)Math.Min(buffer.Length, (file.Rows - first) * rowBytes);
        var read = 0;
        var excess = false;
        try
        {
            read = stream.ReadAtLeast(buffer.AsSpan(0, wanted), wanted, throwOnEndOfStream: false);
            // asking for more than there is also has gzip compare its checksum
            excess = read == wanted && first + wanted / rowBytes == file.Rows && stream.ReadByte() >= 0;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{file.Path}' is damaged: its gzip data are not valid somewhere from row {first} to row {first + wanted / rowBytes - 1} (rows count from 0; it has {file.Rows:N0}).", e);
        }
        if (read < wanted)
            throw new InvalidDataException($"'{file.Path}' ends in row {first + read / rowBytes} (rows count from 0), but its header says {file.Rows:N0} rows: the file is cut off.");
        if (excess)
            throw new InvalidDataException($"'{file.Path}' goes on after row {file.Rows - 1}, the last one that its header says (rows count from 0): the header or the file is damaged.");
        if (BitConverter.IsLittleEndian)
            Reverse(buffer.AsSpan(0, wanted));
        held = wanted / rowBytes;
    }

    private void Reverse(Span<byte> bytes)
    {
        switch (file.ElementBytes)
        {
            case 2:
                var shorts = MemoryMarshal.Cast<byte, short>(bytes);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var words = MemoryMarshal.Cast<byte, int>(bytes);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<byte, long>(bytes);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }
}
