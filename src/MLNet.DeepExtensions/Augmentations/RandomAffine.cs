using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Turns, moves, scales and shears the picture about its middle: torchvision's <c>RandomAffine</c>.</summary>
/// <param name="Degrees">The largest angle to either side. In [0, 180].</param>
[ConfigName("random-affine")]
public sealed record RandomAffine([property: Range(0.0, 180.0)] double Degrees) : Augmentation, IValidatableObject
{
    /// <summary>Gets how far the picture moves to the left or right at most, as a share of its width: the first of torchvision's <c>translate</c>.</summary>
    /// <value>In [0, 1]. The default is 0.</value>
    [Range(0.0, 1.0)]
    public double TranslateX { get; init; }

    /// <summary>Gets how far the picture moves up or down at most, as a share of its height: the second of torchvision's <c>translate</c>.</summary>
    /// <value>In [0, 1]. The default is 0.</value>
    [Range(0.0, 1.0)]
    public double TranslateY { get; init; }

    /// <summary>Gets how many times as large the picture becomes.</summary>
    /// <value>Above 0. The default is (1, 1): it keeps its size.</value>
    public Interval Scale { get; init; } = (1, 1);

    /// <summary>Gets the largest angle by which the picture is sheared along its rows: torchvision's <c>shear</c>, where that is one number.</summary>
    /// <value>Degrees, in [0, 89]. The default is 0.</value>
    [Range(0.0, 89.0)]
    public double ShearX { get; init; }

    /// <summary>Gets the largest angle by which the picture is sheared along its columns.</summary>
    /// <value>Degrees, in [0, 89]. The default is 0.</value>
    [Range(0.0, 89.0)]
    public double ShearY { get; init; }

    /// <summary>Gets whether pixels are interpolated; else the nearest one is taken.</summary>
    /// <value>The default is false, as torchvision's.</value>
    public bool Bilinear { get; init; }

    /// <summary>Gets the tone of what the moved picture leaves free.</summary>
    /// <value>In [0, 1]. The default is 0, black.</value>
    [Range(0.0, 1.0)]
    public double Fill { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Scale.IsWithin(1e-3, 1e3))
            yield return new ValidationResult($"Scale must be an interval above 0, as (0.9, 1.1), but is {Scale}.");
    }

    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var maps = new AffineMap[count];
        for (var n = 0; n < count; n++)
        {
            var angle = Within(Degrees);
            // whole pixels, as torchvision moves
            var (x, y) = (Math.Round(Within(TranslateX * shape.Width)), Math.Round(Within(TranslateY * shape.Height)));
            maps[n] = PictureGeometry.Affine(angle, x, y, Scale.Draw(random), Within(ShearX), Within(ShearY));
        }
        return new PictureChange(pictures => PictureGeometry.Warp(pictures, maps, Bilinear, Fill));

        double Within(double most) => new Interval(-most, most).Draw(random);
    }
}
