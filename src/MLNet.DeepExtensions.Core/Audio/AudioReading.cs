using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>How <c>mlContext.Transforms.ReadAudio</c> reads recordings.</summary>
public sealed record AudioReading
{
    /// <summary>Gets the folder that relative paths are relative to.</summary>
    /// <value>The default, null, is the folder in which the application runs.</value>
    public string? Folder { get; init; }

    /// <summary>Gets the samples in a second that each recording is given, in hertz: those of another rate are resampled.</summary>
    /// <value>In [100, 768000]. The default, null, leaves each recording at its own rate, which the steps behind do not learn.</value>
    [Range(100, 768_000)]
    public int? SampleRate { get; init; }

    /// <summary>Gets the most samples that a recording may become; it is asked before any memory is taken.</summary>
    /// <value>At least 1. The default is 100 million: an hour and three quarters at 16 kHz, 400 MB.</value>
    [Range(1, 1 << 30)]
    public int MaxSamples { get; init; } = 100_000_000;

    /// <summary>Gets the most bytes that a file may have.</summary>
    /// <value>At least 1. The default is 256 MiB.</value>
    [Range(1, 1 << 30)]
    public int MaxBytes { get; init; } = 256 << 20;

    /// <summary>Gets what becomes of a row whose recording cannot be read.</summary>
    /// <value>The default stops with an <see cref="InvalidAudioException"/>.</value>
    public BrokenAudio Broken { get; init; }
}

/// <summary>What to do with a row whose recording cannot be read.</summary>
public enum BrokenAudio
{
    /// <summary>Stop with an <see cref="InvalidAudioException"/> that names the file.</summary>
    Throw,

    /// <summary>
    /// Give a recording of no samples. A trainer with <see cref="MissingFeatures.SkipRow"/> leaves such rows out of training and says how many;
    /// scoring answers them with NaN.
    /// </summary>
    Empty,
}
