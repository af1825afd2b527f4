using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// How <c>mlContext.Transforms.MelSpectrogram</c> looks at sound: windows that overlap, the power of each window's frequencies, gathered in bands that are as far apart as the ear finds them.
/// Names and numbers are torchaudio's <c>MelSpectrogram</c> (Hann window, reflected ends, power 2), followed by a logarithm.
/// </summary>
public sealed record MelSpectrogram : IValidatableObject
{
    /// <summary>Gets the samples in a second, in hertz: torchaudio's <c>sample_rate</c>.</summary>
    /// <value>At least 1. The default, null, takes the rate that <c>ReadAudio</c> gave the recordings.</value>
    [Range(1, 768_000)]
    public int? SampleRate { get; init; }

    /// <summary>Gets the samples that one Fourier transform takes: torchaudio's <c>n_fft</c>.</summary>
    /// <value>In [4, 65536]. The default is 400.</value>
    [Range(4, 1 << 16)]
    public int FftSize { get; init; } = 400;

    /// <summary>Gets the samples in a window: torchaudio's <c>win_length</c>. A shorter one than <see cref="FftSize"/> lies in its middle, between zeros.</summary>
    /// <value>In [2, <see cref="FftSize"/>]. The default, null, is <see cref="FftSize"/>.</value>
    [Range(2, 1 << 16)]
    public int? WindowLength { get; init; }

    /// <summary>Gets the samples from one window to the next: torchaudio's <c>hop_length</c>.</summary>
    /// <value>At least 1. The default, null, is half a window.</value>
    [Range(1, 1 << 20)]
    public int? HopLength { get; init; }

    /// <summary>Gets the number of bands, which is the width of a step: torchaudio's <c>n_mels</c>.</summary>
    /// <value>In [1, 4096]. The default is 128; 40 or 64 do for speech at 8 kHz.</value>
    [Range(1, 4096)]
    public int Mels { get; init; } = 128;

    /// <summary>Gets where the lowest band begins, in hertz: torchaudio's <c>f_min</c>.</summary>
    /// <value>At least 0. The default is 0.</value>
    [Range(0.0, 384_000.0)]
    public double MinFrequency { get; init; }

    /// <summary>Gets where the highest band ends, in hertz: torchaudio's <c>f_max</c>.</summary>
    /// <value>Above <see cref="MinFrequency"/>. The default, null, is half of the sample rate.</value>
    [Range(0.0, 384_000.0)]
    public double? MaxFrequency { get; init; }

    /// <summary>Gets the scale on which bands are equally wide: torchaudio's <c>mel_scale</c>.</summary>
    /// <value>The default is <see cref="MelScale.Htk"/>.</value>
    public MelScale Scale { get; init; }

    /// <summary>Gets whether each band is divided by its width in hertz, torchaudio's <c>norm="slaney"</c>, as librosa does.</summary>
    /// <value>The default is false.</value>
    public bool DividesByWidth { get; init; }

    /// <summary>Gets what becomes of a band's power.</summary>
    /// <value>The default is <see cref="MelLoudness.Log"/>.</value>
    public MelLoudness Loudness { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (WindowLength > FftSize)
            yield return new ValidationResult($"WindowLength must be at most FftSize, but is {WindowLength} of {FftSize}.");
        if (MaxFrequency is { } high && high <= MinFrequency)
            yield return new ValidationResult($"MaxFrequency must be above MinFrequency, but they are {high} and {MinFrequency}.");
        if (SampleRate is { } rate && MinFrequency >= rate / 2.0)
            yield return new ValidationResult($"MinFrequency must be below half of SampleRate, but is {MinFrequency} of {rate}.");
    }

    internal int Window => WindowLength ?? FftSize;

    internal int Hop => HopLength ?? Math.Max(1, Window / 2);
}

/// <summary>A scale of pitch.</summary>
public enum MelScale
{
    /// <summary>2595 log₁₀(1 + f / 700) (O'Shaughnessy 1987, as in HTK): torchaudio's default.</summary>
    Htk,

    /// <summary>Linear below 1 kHz and logarithmic above (Slaney's Auditory Toolbox, 1998): librosa's default.</summary>
    Slaney,
}

/// <summary>What becomes of the power in a band.</summary>
public enum MelLoudness
{
    /// <summary>ln(power + 10⁻⁶): silence is about -14.</summary>
    Log,

    /// <summary>10 log₁₀(power), and nothing further than 80 below the recording's loudest: torchaudio's <c>AmplitudeToDB("power", 80)</c>.</summary>
    Decibels,

    /// <summary>The power itself: torchaudio's <c>MelSpectrogram</c>.</summary>
    Power,
}
