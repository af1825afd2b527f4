using System.Buffers.Binary;

namespace MLNet.DeepExtensions;

/// <summary>A WAV file's bytes as numbers in [-1, 1], as torchaudio scales them: whole numbers by their type's lowest one.</summary>
internal static class WaveSamples
{
    /// <summary>Takes the mean of all channels.</summary>
    /// <param name="sound">Whole frames.</param>
    /// <param name="format">How they are written.</param>
    /// <returns>A number for each frame.</returns>
    public static float[] Mono(ReadOnlySpan<byte> sound, WaveFormat format)
    {
        var samples = Interleaved(sound, format);
        if (format.Channels == 1)
            return samples;
        var mono = new float[samples.Length / format.Channels];
        for (var frame = 0; frame < mono.Length; frame++)
        {
            var sum = 0.0;
            foreach (var sample in samples.AsSpan(frame * format.Channels, format.Channels))
                sum += sample;
            mono[frame] = (float)(sum / format.Channels);
        }
        return mono;
    }

    private static float[] Interleaved(ReadOnlySpan<byte> sound, WaveFormat format)
    {
        var samples = new float[sound.Length / format.BytesPerSample];
        switch (format.BytesPerSample)
        {
            case 1:                                     // the only unsigned ones
                for (var i = 0; i < samples.Length; i++)
                    samples[i] = (sound[i] - 128) / 128f;
                break;
            case 2:
                for (var i = 0; i < samples.Length; i++)
                    samples[i] = BinaryPrimitives.ReadInt16LittleEndian(sound[(2 * i)..]) / 32768f;
                break;
            case 3:
                for (var i = 0; i < samples.Length; i++)
                    samples[i] = (sound[3 * i] | sound[3 * i + 1] << 8 | (sbyte)sound[3 * i + 2] << 16) / 8388608f;
                break;
            case 4 when format.IsFloat:
                for (var i = 0; i < samples.Length; i++)
                    samples[i] = BinaryPrimitives.ReadSingleLittleEndian(sound[(4 * i)..]);
                break;
            case 4:
                for (var i = 0; i < samples.Length; i++)
                    samples[i] = BinaryPrimitives.ReadInt32LittleEndian(sound[(4 * i)..]) / 2147483648f;
                break;
            default:
                for (var i = 0; i < samples.Length; i++)
                    samples[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(sound[(8 * i)..]);
                break;
        }
        return samples;
    }
}
