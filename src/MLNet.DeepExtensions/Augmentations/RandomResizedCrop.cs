using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace MLNet.DeepExtensions;

/// <summary>
/// Cuts a piece of random size, shape and place out and resizes it: torchvision's <c>RandomResizedCrop</c>, with antialiasing, as Pillow resizes.
/// Validation and scoring resize the whole picture and take the middle.
/// </summary>
/// <param name="Height">The rows of the result, in pixels.</param>
/// <param name="Width">The columns of the result, in pixels.</param>
[ConfigName("random-resized-crop")]
[method: JsonConstructor]
public sealed record RandomResizedCrop([property: Range(1, 1 << 16)] int Height, [property: Range(1, 1 << 16)] int Width) : Augmentation, IValidatableObject
{
    private const int Attempts = 10;

    /// <summary>Makes squares.</summary>
    /// <param name="size">Their side, in pixels.</param>
    public RandomResizedCrop(int size) : this(size, size) { }

    /// <summary>Gets the share of the picture's area that the piece has.</summary>
    /// <value>Above 0, at most 1. The default is (0.08, 1).</value>
    public Interval Scale { get; init; } = (0.08, 1);

    /// <summary>Gets the piece's width divided by its height.</summary>
    /// <value>Above 0. The default is (3/4, 4/3).</value>
    public Interval Ratio { get; init; } = (3.0 / 4, 4.0 / 3);

    /// <summary>Gets the share of the shorter side that validation and scoring keep of the whole picture.</summary>
    /// <value>In [0.1, 1]. The default is 0.875, as 224 of 256 pixels.</value>
    [Range(0.1, 1.0)]
    public double CentreShare { get; init; } = 0.875;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Scale.IsWithin(1e-6, 1))
            yield return new ValidationResult($"Scale must be an interval above 0 and at most 1, as (0.08, 1), but is {Scale}.");
        if (!Ratio.IsWithin(1e-3, 1e3))
            yield return new ValidationResult($"Ratio must be an interval above 0, as (0.75, 1.333), but is {Ratio}.");
    }

    internal override ImageShape OutputShape(ImageShape shape) => shape with { Height = Height, Width = Width };

    internal override InputStage Twin(InputStage stage, ImageShape shape)
    {
        if (stage.Resize is not null || stage.CentreCrop is not null)
            throw new ArgumentException("RandomResizedCrop must be the first augmentation that changes the size: put it before RandomCrop, and use one.");
        // the side that has to shrink least gives the scale, so that the result fits into the resized picture
        var isHeight = (double)Height / shape.Height >= (double)Width / shape.Width;
        var (height, width) = (Math.Max(Height, (int)Math.Round(Height / CentreShare)), Math.Max(Width, (int)Math.Round(Width / CentreShare)));
        if (isHeight)
            width = Math.Max(Width, (int)((double)height * shape.Width / shape.Height));
        else
            height = Math.Max(Height, (int)((double)width * shape.Height / shape.Width));
        return stage with { Resize = new PictureSize(height, width), CentreCrop = new PictureSize(Height, Width) };
    }

    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var boxes = new PixelBox[count];
        for (var n = 0; n < count; n++)
            boxes[n] = DrawBox(random, shape);
        return new PictureChange(pictures => PictureResizing.ResizedCrop(pictures, boxes, Height, Width));
    }

    internal PixelBox DrawBox(SeededRandom random, ImageShape shape)
    {
        var (h, w) = (shape.Height, shape.Width);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var area = (double)h * w * Scale.Draw(random);
            var ratio = Ratio.DrawRatio(random);
            var (width, height) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (width > 0 && width <= w && height > 0 && height <= h)
                return new PixelBox(random.Between(0, h - height), random.Between(0, w - width), height, width);
        }
        // a picture of unusual shape: the middle, as near to it as the ratio allows
        var own = (double)w / h;
        var (widest, highest) = own < Ratio.Low ? (w, (int)Math.Round(w / Ratio.Low)) : own > Ratio.High ? ((int)Math.Round(h * Ratio.High), h) : (w, h);
        return new PixelBox((h - highest) / 2, (w - widest) / 2, highest, widest);
    }
}
