using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Some changes of one strength, chosen for each example from fourteen (Cubuk et al. 2020, "RandAugment: practical automated data augmentation with a reduced
/// search space"): torchvision's <c>RandAugment</c>.
/// </summary>
[ConfigName("rand-augment")]
public sealed record RandAugment : Augmentation, IValidatableObject
{
    /// <summary>Gets how many changes follow each other.</summary>
    /// <value>At least 1. The default is 2.</value>
    [Range(1, 100)]
    public int Operations { get; init; } = 2;

    /// <summary>Gets how strong the changes are.</summary>
    /// <value>At least 0, below <see cref="MagnitudeBins"/>. The default is 9.</value>
    [Range(0, 10_000)]
    public int Magnitude { get; init; } = 9;

    /// <summary>Gets in how many steps the strength is counted.</summary>
    /// <value>At least 2. The default is 31.</value>
    [Range(2, 10_000)]
    public int MagnitudeBins { get; init; } = 31;

    /// <summary>Gets whether moved pixels are interpolated; else the nearest one is taken.</summary>
    /// <value>The default is false, as torchvision's.</value>
    public bool Bilinear { get; init; }

    /// <summary>Gets the tone of what a moved picture leaves free.</summary>
    /// <value>In [0, 1]. The default is 0, black.</value>
    [Range(0.0, 1.0)]
    public double Fill { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Magnitude >= MagnitudeBins)
            yield return new ValidationResult($"Magnitude must be below MagnitudeBins, which is {MagnitudeBins}, but is {Magnitude}.");
    }

    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var turns = new PolicyChange[Operations];
        for (var turn = 0; turn < turns.Length; turn++)
        {
            var (operations, magnitudes) = (new PolicyOperation[count], new double[count]);
            for (var n = 0; n < count; n++)
            {
                operations[n] = (PolicyOperation)random.Below(PolicyChange.Operations);
                magnitudes[n] = MagnitudeOf(operations[n], shape);
                if (PolicyChange.IsSigned(operations[n]) && random.Below(2) == 1)
                    magnitudes[n] *= -1;
            }
            turns[turn] = new PolicyChange(operations, magnitudes, Bilinear, Fill);
        }
        return new PictureChange(pictures => turns.Aggregate(pictures, (before, turn) => turn.Apply(before)));
    }

    // torchvision's _augmentation_space
    internal double MagnitudeOf(PolicyOperation operation, ImageShape shape)
    {
        var share = Magnitude / (MagnitudeBins - 1.0);
        return operation switch
        {
            PolicyOperation.ShearX or PolicyOperation.ShearY => 0.3 * share,
            PolicyOperation.TranslateX => 150.0 / 331 * shape.Width * share,
            PolicyOperation.TranslateY => 150.0 / 331 * shape.Height * share,
            PolicyOperation.Rotate => 30 * share,
            PolicyOperation.Brightness or PolicyOperation.Color or PolicyOperation.Contrast or PolicyOperation.Sharpness => 0.9 * share,
            PolicyOperation.Posterize => 8 - Math.Round(4 * share),
            PolicyOperation.Solarize => 1 - share,
            _ => 0,
        };
    }
}
