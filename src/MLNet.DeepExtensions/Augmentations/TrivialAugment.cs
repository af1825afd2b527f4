using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// One change of any strength, chosen for each example from fourteen (Müller and Hutter 2021, "TrivialAugment: tuning-free yet state-of-the-art data augmentation"):
/// torchvision's <c>TrivialAugmentWide</c>.
/// </summary>
[ConfigName("trivial-augment")]
public sealed record TrivialAugment : Augmentation
{
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

    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var (operations, magnitudes) = (new PolicyOperation[count], new double[count]);
        for (var n = 0; n < count; n++)
        {
            operations[n] = (PolicyOperation)random.Below(PolicyChange.Operations);
            magnitudes[n] = MagnitudeOf(operations[n], random.Below(MagnitudeBins) / (MagnitudeBins - 1.0));
            if (PolicyChange.IsSigned(operations[n]) && random.Below(2) == 1)
                magnitudes[n] *= -1;
        }
        return new PolicyChange(operations, magnitudes, Bilinear, Fill);
    }

    // torchvision's _augmentation_space: wider than RandAugment's, and in pixels whatever the picture's size
    internal static double MagnitudeOf(PolicyOperation operation, double share) => operation switch
    {
        PolicyOperation.ShearX or PolicyOperation.ShearY => 0.99 * share,
        PolicyOperation.TranslateX or PolicyOperation.TranslateY => 32 * share,
        PolicyOperation.Rotate => 135 * share,
        PolicyOperation.Brightness or PolicyOperation.Color or PolicyOperation.Contrast or PolicyOperation.Sharpness => 0.99 * share,
        PolicyOperation.Posterize => 8 - Math.Round(6 * share),
        PolicyOperation.Solarize => 1 - share,
        _ => 0,
    };
}
