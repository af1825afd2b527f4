using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// How channels are brought to a common scale between the column and the network: torchvision's <c>Normalize</c>, a mean subtracted and a standard deviation divided by.
/// The numbers are saved with the model (<see cref="InputStage"/>).
/// </summary>
public abstract record Normalization
{
    private protected Normalization() { }

    /// <summary>Gets the means and standard deviations of ImageNet's pictures, which pretrained networks expect: red, green, blue.</summary>
    public static Normalization ImageNet { get; } = Given([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>
    /// Gets the normalisation by the training rows' own mean and standard deviation, one for each channel of a picture or for each feature of a vector.
    /// <c>Fit</c> measures them before it trains; rows that are too many for memory are read once more for it.
    /// </summary>
    public static Normalization Measured { get; } = new MeasuredNormalization();

    /// <summary>Normalises by given numbers.</summary>
    /// <param name="mean">One for each channel (for each feature of a vector), or one for all; of values in [0, 1], as bytes become.</param>
    /// <param name="std">One above 0 for each channel, or one for all.</param>
    /// <returns>The choice.</returns>
    public static Normalization Given(IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(std);
        return new GivenNormalization(mean, std);
    }
}

/// <summary>Numbers that the user gave.</summary>
internal sealed record GivenNormalization(IReadOnlyList<float> Mean, IReadOnlyList<float> Std) : Normalization, IValidatableObject
{
    public InputStage Stage => new() { Mean = Mean, Std = Std };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Stage.Validate(validationContext);
}

/// <summary>Numbers that are still to be measured.</summary>
internal sealed record MeasuredNormalization : Normalization;
