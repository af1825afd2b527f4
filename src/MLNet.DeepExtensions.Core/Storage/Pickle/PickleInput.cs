using System.Buffers.Binary;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>The bytes of a pickle: everything read from it is checked against what is left.</summary>
internal sealed class PickleInput(byte[] bytes, int start = 0)
{
    private static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public int Position { get; private set; } = start;

    public byte Byte() => Take(1)[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > bytes.Length - Position)
            throw PickleRefusal.Damaged($"it ends at byte {bytes.Length:N0}, but {count:N0} bytes are due at {Position:N0}");
        Position += (int)count;
        return bytes.AsSpan(Position - (int)count, (int)count);
    }

    public string Text(long count)
    {
        try
        {
            return strict.GetString(Take(count));
        }
        catch (DecoderFallbackException e)
        {
            throw PickleRefusal.Damaged("a text in it is not UTF-8", e);
        }
    }

    /// <summary>Text up to the end of the line.</summary>
    public string Line()
    {
        var length = bytes.AsSpan(Position).IndexOf((byte)'\n');
        if (length < 0)
            throw PickleRefusal.Damaged($"a line that begins at byte {Position:N0} has no end");
        var line = Text(length);
        Position++;
        return line;
    }
}
