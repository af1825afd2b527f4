using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Paints over a rectangle (Zhong et al. 2017, "Random erasing data augmentation"): torchvision's <c>RandomErasing</c>.
/// It stands before normalisation here: 0 is black, where torchvision's recipes, which erase afterwards, leave the mean colour.
/// </summary>
/// <param name="Probability">How likely an example is painted on. In [0, 1]; the default is 0.5.</param>
[ConfigName("random-erasing")]
public sealed record RandomErasing([property: Range(0.0, 1.0)] double Probability = 0.5) : Augmentation, IValidatableObject
{
    private const int Attempts = 10;

    /// <summary>Gets the share of the picture's area that the rectangle has.</summary>
    /// <value>Above 0, at most 1. The default is (0.02, 0.33).</value>
    public Interval Scale { get; init; } = (0.02, 0.33);

    /// <summary>Gets the rectangle's height divided by its width.</summary>
    /// <value>Above 0. The default is (0.3, 3.3).</value>
    public Interval Ratio { get; init; } = (0.3, 3.3);

    /// <summary>Gets the tone of the paint.</summary>
    /// <value>In [0, 1]. The default is 0, black.</value>
    [Range(0.0, 1.0)]
    public double Value { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Scale.IsWithin(1e-6, 1))
            yield return new ValidationResult($"Scale must be an interval above 0 and at most 1, as (0.02, 0.33), but is {Scale}.");
        if (!Ratio.IsWithin(1e-3, 1e3))
            yield return new ValidationResult($"Ratio must be an interval above 0, as (0.3, 3.3), but is {Ratio}.");
    }

    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var boxes = new PixelBox[count];
        foreach (var n in random.Chosen(Probability, count))
            boxes[n] = DrawBox(random, shape);
        return boxes.All(box => box.Height == 0) ? null : new PictureChange(pictures => PictureBoxes.Paint(pictures, boxes, Value));
    }

    // none where ten attempts found none that fits, as torchvision
    private PixelBox DrawBox(SeededRandom random, ImageShape shape)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var area = (double)shape.Height * shape.Width * Scale.Draw(random);
            var ratio = Ratio.DrawRatio(random);
            var (height, width) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (height < shape.Height && width < shape.Width)
                return new PixelBox(random.Between(0, shape.Height - height), random.Between(0, shape.Width - width), height, width);
        }
        return default;
    }
}
