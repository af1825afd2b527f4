using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>Log-mel spectrograms of recordings in memory: our step, read through a cursor, against a plain loop that computes the same with TorchSharp.</summary>
internal static class LogMelBenchmark
{
    private const int Clips = 400, Rate = 8000;

    private static readonly MelSpectrogram settings = new() { SampleRate = Rate, FftSize = 256, WindowLength = 200, HopLength = 80, Mels = 40 };

    private sealed class Clip
    {
        public float[] Audio { get; set; } = [];
    }

    public static void Run(int pairs)
    {
        var random = new Random(1);
        // as long as spoken digits are: a quarter of a second to three quarters
        var clips = Enumerable.Range(0, Clips).Select(_ => new Clip { Audio = [.. Enumerable.Range(0, 2000 + random.Next(4000)).Select(_ => random.NextSingle() - 0.5f)] }).ToList();
        var ml = new MLContext(seed: 1);
        var view = ml.Transforms.MelSpectrogram("Features", "Audio", settings).Fit(ml.Data.LoadFromEnumerable(clips)).Transform(ml.Data.LoadFromEnumerable(clips));
        using var filters = Triangles();
        using var window = hann_window(settings.WindowLength!.Value, periodic: true);
        var (ours, plain) = (0.0, 0.0);
        Pairs.Run("logmel", pairs, () => Pairs.Seconds(() => ours = Ours()), () => Pairs.Seconds(() => plain = Plain()), units: Clips);
        if (Math.Abs(ours - plain) > 1e-3 * Math.Abs(plain))
            throw new InvalidOperationException($"The two do not compute the same: {ours} and {plain}.");

        double Ours()
        {
            var column = view.Schema["Features"];
            using var cursor = view.GetRowCursor([column]);
            var getter = cursor.GetGetter<VBuffer<float>>(column);
            VBuffer<float> frames = default;
            var sum = 0.0;
            while (cursor.MoveNext())
            {
                getter(ref frames);
                sum += Sum(frames.GetValues());
            }
            return sum;
        }

        double Plain()
        {
            var sum = 0.0;
            foreach (var clip in clips)
            {
                using var scope = NewDisposeScope();
                using var inference = inference_mode();
                var spectrum = stft(tensor(clip.Audio), 256, 80, 200, window, center: true, pad_mode: PaddingModes.Reflect, return_complex: true);
                var frames = spectrum.abs().pow(2).t().mm(filters).add(1e-6f).log();
                sum += Sum(frames.data<float>().ToArray());
            }
            return sum;
        }
    }

    // torchaudio's melscale_fbanks on the HTK scale: [129, 40]
    private static Tensor Triangles()
    {
        using var scope = NewDisposeScope();
        var hertz = linspace(0, Rate / 2.0, 129, ScalarType.Float64).unsqueeze(1);
        var corners = 700 * (pow(10, linspace(0, 2595 * Math.Log10(1 + Rate / 2.0 / 700), settings.Mels + 2, ScalarType.Float64) / 2595) - 1);
        var (low, middle, high) = (corners[..^2], corners[1..^1], corners[2..]);
        return minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle)).clamp_min(0).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    // both sides look at every number
    private static double Sum(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum;
    }
}
