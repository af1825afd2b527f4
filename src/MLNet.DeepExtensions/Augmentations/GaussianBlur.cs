using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Blurs the picture by a bell of random width: torchvision's <c>GaussianBlur</c>.</summary>
/// <param name="KernelSize">How many pixels the bell spans, an odd number. At least 1.</param>
[ConfigName("gaussian-blur")]
public sealed record GaussianBlur([property: Range(1, 1023)] int KernelSize) : Augmentation, IValidatableObject
{
    /// <summary>Gets the standard deviation of the bell, in pixels.</summary>
    /// <value>Above 0. The default is (0.1, 2).</value>
    public Interval Sigma { get; init; } = (0.1, 2);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (KernelSize % 2 == 0)
            yield return new ValidationResult($"KernelSize must be odd, so that the bell has a middle, but is {KernelSize}.");
        if (!Sigma.IsWithin(1e-3, 1e3))
            yield return new ValidationResult($"Sigma must be an interval above 0, as (0.1, 2), but is {Sigma}.");
    }

    internal override ImageShape OutputShape(ImageShape shape) => KernelSize / 2 < Math.Min(shape.Height, shape.Width) ? shape
        : throw new ArgumentException($"GaussianBlur with KernelSize {KernelSize} mirrors {KernelSize / 2} pixels at each border, but the pictures have only " +
            $"{shape.Height} × {shape.Width} (height × width): make it smaller.");

    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var sigmas = random.Each(count, Sigma.Draw);
        return new PictureChange(pictures => PictureFilters.GaussianBlur(pictures, KernelSize, KernelSize, sigmas));
    }
}
