using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Samples to mel bands, or to their cosine transform, on libtorch's kernels. One thread uses it at a time; it owns the tensors that recordings share.</summary>
internal sealed class SoundKernel : IDisposable
{
    // so many windows at once: an hour of sound needs no more memory than a minute, and what is worked on stays near the cores
    private const int WindowsAtOnce = 1024;

    private readonly MelSpectrogram settings;
    private readonly Tensor window, triangles;          // [window], [frequencies, bands]
    private readonly Tensor? cosines;                   // [bands, coefficients]

    /// <param name="settings">The bands.</param>
    /// <param name="sampleRate">In hertz.</param>
    /// <param name="coefficients">How many numbers of the cosine transform to give instead of the bands; null gives these.</param>
    public SoundKernel(MelSpectrogram settings, int sampleRate, int? coefficients = null)
    {
        this.settings = settings;
        window = hann_window(settings.Window, periodic: true).DetachFromDisposeScope();
        triangles = Table(MelBands.Triangles(settings, sampleRate), settings.Mels);
        cosines = coefficients is { } count ? Table(MelBands.Cosines(settings.Mels, count), count) : null;
        Width = coefficients ?? settings.Mels;
    }

    /// <summary>Gets the numbers in a step.</summary>
    public int Width { get; }

    /// <summary>The steps that so many samples give: one for each hop, and one more.</summary>
    public int StepsOf(int samples) => samples == 0 ? 0 : 1 + Math.Max(samples, settings.FftSize / 2 + 1) / settings.Hop;

    /// <summary>Computes all steps of a recording.</summary>
    /// <param name="samples">Its samples. Fewer than half a transform takes are followed by silence.</param>
    /// <param name="frames">Takes [steps, width], step by step.</param>
    public void Compute(ReadOnlySpan<float> samples, Span<float> frames)
    {
        if (samples.Length == 0)
            return;
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var steps = StepsOf(samples.Length);
        var sound = Reflected(samples);
        var bands = empty(steps, settings.Mels);
        for (var first = 0; first < steps; first += WindowsAtOnce)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(WindowsAtOnce, steps - first);
            var part = sound.narrow(0, (long)first * settings.Hop, (count - 1L) * settings.Hop + settings.FftSize);
            var spectrum = stft(part, settings.FftSize, settings.Hop, settings.Window, window, center: false, return_complex: true);      // [frequencies, count]
            var power = spectrum.abs().square();
            bands.narrow(0, first, count).copy_(power.t().mm(triangles));
        }
        bands = settings.Loudness switch
        {
            MelLoudness.Log => bands.add_(1e-6f).log_(),
            MelLoudness.Decibels => Decibels(bands),
            _ => bands,
        };
        var result = cosines is null ? bands : bands.mm(cosines);
        MemoryMarshal.Cast<byte, float>(result.bytes).CopyTo(frames);
    }

    public void Dispose()
    {
        window.Dispose();
        triangles.Dispose();
        cosines?.Dispose();
    }

    private static Tensor Decibels(Tensor power)
    {
        var decibels = power.clamp_min_(1e-10f).log10_().mul_(10f);
        return maximum(decibels, decibels.amax() - 80f);
    }

    // half a transform more on each side, mirrored about the first and the last sample
    private Tensor Reflected(ReadOnlySpan<float> samples)
    {
        var half = settings.FftSize / 2;
        var length = Math.Max(samples.Length, half + 1);
        var tensor = empty(length + 2L * half);
        var all = MemoryMarshal.Cast<byte, float>(tensor.bytes);
        var middle = all.Slice(half, length);
        samples.CopyTo(middle);
        middle[samples.Length..].Clear();
        for (var i = 1; i <= half; i++)
            (all[half - i], all[half + length - 1 + i]) = (middle[i], middle[length - 1 - i]);
        return tensor;
    }

    private static Tensor Table(float[] values, int columns) => tensor(values).reshape(values.Length / columns, columns).DetachFromDisposeScope();
}
