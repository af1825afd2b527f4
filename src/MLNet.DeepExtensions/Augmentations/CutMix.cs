using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Puts a rectangle of its neighbour in the batch into each picture; the targets mix by area (Yun et al. 2019, "CutMix"): torchvision's <c>CutMix</c>.
/// The rectangle is drawn for each batch, its area from Beta(alpha, alpha).
/// </summary>
/// <param name="Alpha">Small: almost one of the two; 1: any share is as likely. Above 0; the default is 1.</param>
[ConfigName("cutmix")]
public sealed record CutMix([property: Range(1e-3, 1e3)] double Alpha = 1) : Augmentation
{
    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var side = 0.5 * Math.Sqrt(1 - random.Beta(Alpha));
        var (x, y) = ((int)random.Below(shape.Width), (int)random.Below(shape.Height));
        var (halfWidth, halfHeight) = ((int)(side * shape.Width), (int)(side * shape.Height));
        var (left, top) = (Math.Max(x - halfWidth, 0), Math.Max(y - halfHeight, 0));
        var box = new PixelBox(top, left, Math.Min(y + halfHeight, shape.Height) - top, Math.Min(x + halfWidth, shape.Width) - left);
        // what the border cut off counts for the picture itself
        var share = 1 - (double)box.Height * box.Width / ((double)shape.Height * shape.Width);
        return new MixedTargets(pictures => PictureBoxes.Paste(pictures, pictures.roll(1, 0), box), share);
    }
}
