using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// How <c>mlContext.Transforms.Mfcc</c> looks at sound: the cosine transform of the loudness of mel bands (Davis and Mermelstein 1980), of which the first few numbers tell the shape of the spectrum
/// without its pitch. Names and numbers are torchaudio's <c>MFCC</c>.
/// </summary>
public sealed record Mfcc : IValidatableObject
{
    /// <summary>Gets how many coefficients to keep, which is the width of a step: torchaudio's <c>n_mfcc</c>.</summary>
    /// <value>At least 1, at most the number of bands. The default is 40; 13 is usual for speech.</value>
    [Range(1, 4096)]
    public int Coefficients { get; init; } = 40;

    /// <summary>Gets the bands: torchaudio's <c>melkwargs</c>.</summary>
    /// <value>The default is that of <see cref="MelSpectrogram"/> in decibels; <see cref="MelLoudness.Log"/> is torchaudio's <c>log_mels=True</c>.</value>
    [Required]
    public MelSpectrogram Mel { get; init; } = new() { Loudness = MelLoudness.Decibels };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Mel is null)
            yield break;
        if (Coefficients > Mel.Mels)
            yield return new ValidationResult($"Coefficients must be at most the number of bands, but is {Coefficients} of {Mel.Mels}.");
        if (Mel.Loudness == MelLoudness.Power)
            yield return new ValidationResult("Mel.Loudness must be Decibels or Log: the cosine transform of plain power tells little.");
    }
}
