using System.Buffers.Binary;
using System.Text;

namespace MLNet.DeepExtensions.Tests;

/// <summary>WAV files of any kind, written byte by byte.</summary>
internal static class WaveFiles
{
    public static byte[] Pcm16(short[] samples, int rate = 8000, int channels = 1) =>
        Write(1, channels, rate, 16, [.. samples.SelectMany(sample => BitConverter.GetBytes(sample))]);

    /// <summary>A file of any kind of samples.</summary>
    /// <param name="extensible">Whether its format is WAVE_FORMAT_EXTENSIBLE.</param>
    /// <param name="before">Chunks that stand before the sound.</param>
    public static byte[] Write(int kind, int channels, int rate, int bits, byte[] sound, bool extensible = false, params (string Id, byte[] Body)[] before)
    {
        var format = new byte[extensible ? 40 : 16];
        BinaryPrimitives.WriteUInt16LittleEndian(format, (ushort)(extensible ? 0xFFFE : kind));
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(2), (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(4), rate);
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(8), rate * channels * bits / 8);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(12), (ushort)(channels * bits / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(14), (ushort)bits);
        if (extensible)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(16), 22);
            BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(18), (ushort)bits);
            BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(24), (ushort)kind);
            new byte[] { 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71 }.CopyTo(format, 26);
        }
        return Riff([("fmt ", format), .. before, ("data", sound)]);
    }

    public static byte[] Riff(params (string Id, byte[] Body)[] chunks)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("RIFF"u8);
        writer.Write(0);
        writer.Write("WAVE"u8);
        foreach (var (id, body) in chunks)
        {
            writer.Write(Encoding.ASCII.GetBytes(id));
            writer.Write(body.Length);
            writer.Write(body);
            if (body.Length % 2 == 1)
                writer.Write((byte)0);
        }
        var bytes = file.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        return bytes;
    }

    /// <summary>torchaudio's reference signal: two sines, one of rising pitch.</summary>
    public static float[] FormulaSignal(int samples = 4000) => [.. Enumerable.Range(0, samples).Select(n =>
    {
        var t = n / 8000.0;
        return (float)(0.5 * Math.Sin(2 * Math.PI * 440 * t) + 0.25 * Math.Sin(2 * Math.PI * (200 + 900 * t) * t));
    })];
}
