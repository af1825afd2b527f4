using System.IO.Compression;
using System.Text.Json;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>
/// torchaudio 0.13.1's numbers (audio.json) for 0.5 sin(2π 440 t) + 0.25 sin(2π (200 + 900 t) t), 4,000 samples at 8 kHz. Both compute in float32, whose transform leaves
/// about 1e-4 of noise on a power of up to 2,000: power agrees within 1e-5 of the largest, logarithms within 1e-3 where the power is above that noise and 0.02 below.
/// </summary>
public sealed class AudioParityTests
{
    private static readonly JsonElement root = Load();

    private static readonly MelSpectrogram mel = new() { SampleRate = 8000, FftSize = 256, WindowLength = 200, HopLength = 80, Mels = 40, Loudness = MelLoudness.Power };

    [Fact]
    public void Signal_IsTheReferences() => Assert.Equal([.. Row(root.GetProperty("samples"))], WaveFiles.FormulaSignal()[..8].Select(sample => (double)sample));

    [Fact]
    public void FilterBank()
    {
        var (shape, expected) = Values("filter_bank_htk");
        Assert.Equal([129, 40], shape);
        // torchaudio computes it in float32 from corners of up to 4,000 Hz
        Near(expected, MelBands.Triangles(mel, 8000), 2e-5);
    }

    [Theory]
    [InlineData("mel_htk_40", 200, MelScale.Htk, false)]
    [InlineData("mel_slaney_40", null, MelScale.Slaney, true)]
    public void Mel(string name, int? window, MelScale scale, bool dividesByWidth)
    {
        var expected = Steps(name, 40);
        Near(expected, Frames(mel with { WindowLength = window, Scale = scale, DividesByWidth = dividesByWidth }), 1e-5 * expected.Max());
    }

    [Fact]
    public void LogMel()
    {
        var power = Steps("mel_htk_40", 40);
        Near(Steps("log_mel_natural_plus_1e_6", 40), Frames(mel with { Loudness = MelLoudness.Log }), i => power[i] > 1e-2 ? 1e-3 : 0.02);
        Near(Steps("log_mel_db_top80", 40), Frames(mel with { Loudness = MelLoudness.Decibels }), i => power[i] > 1e-2 ? 4e-3 : 0.05);
    }

    [Fact]
    public void Mfcc()
    {
        using var kernel = new SoundKernel(mel with { Loudness = MelLoudness.Decibels }, 8000, 13);
        Near(Steps("mfcc_13", 13), Frames(kernel), 0.02);
    }

    [Theory]
    [InlineData("resample_8000_to_16000_first_64", 16000, 8000)]
    [InlineData("resample_8000_to_6000_first_64", 6000, 3000)]
    public void Resample(string name, int to, int samples)
    {
        var result = new Resampler(8000, to).Apply(WaveFiles.FormulaSignal());
        Assert.Equal(samples, result.Length);
        Near(Values(name).Values, result[..64], 2e-6);
    }

    [Fact]
    public void TheReference_IsWhatOurCopyHas()
    {
        using var stream = File.OpenRead(SharedData.Find("reference/audio.json"));
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(stream).RootElement, root));
    }

    private static float[] Frames(MelSpectrogram settings)
    {
        using var kernel = new SoundKernel(settings, 8000);
        return Frames(kernel);
    }

    private static float[] Frames(SoundKernel kernel)
    {
        var frames = new float[kernel.StepsOf(4000) * kernel.Width];
        kernel.Compute(WaveFiles.FormulaSignal(), frames);
        return frames;
    }

    private static void Near(double[] expected, float[] actual, double tolerance) => Near(expected, actual, _ => tolerance);

    private static void Near(double[] expected, float[] actual, Func<int, double> tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance(i), $"number {i} is {actual[i]}, but torchaudio's is {expected[i]}");
    }

    // torchaudio gives [1, bands, steps], we [steps, bands]
    private static double[] Steps(string name, int width)
    {
        var (shape, values) = Values(name);
        Assert.Equal([1, width, 51], shape);
        return [.. from step in Enumerable.Range(0, 51) from band in Enumerable.Range(0, width) select values[band * 51 + step]];
    }

    private static (long[] Shape, double[] Values) Values(string name)
    {
        var entry = root.GetProperty(name);
        return ([.. entry.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())], Row(entry.GetProperty("values")));
    }

    private static double[] Row(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    private static JsonElement Load()
    {
        using var stream = typeof(AudioParityTests).Assembly.GetManifestResourceStream("MLNet.DeepExtensions.Tests.Parity.audio.json.gz")!;
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        return JsonDocument.Parse(unpacked).RootElement;
    }
}
