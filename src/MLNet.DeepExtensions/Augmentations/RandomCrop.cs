using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace MLNet.DeepExtensions;

/// <summary>
/// Cuts a piece out at a random place, after a border was put around the picture: torchvision's <c>RandomCrop</c>.
/// Where the piece is smaller than the picture, validation and scoring take the middle.
/// </summary>
/// <param name="Height">The rows of the piece, in pixels.</param>
/// <param name="Width">The columns of the piece, in pixels.</param>
[ConfigName("random-crop")]
[method: JsonConstructor]
public sealed record RandomCrop([property: Range(1, 1 << 16)] int Height, [property: Range(1, 1 << 16)] int Width) : Augmentation
{
    /// <summary>Cuts a square out.</summary>
    /// <param name="size">Its side, in pixels.</param>
    public RandomCrop(int size) : this(size, size) { }

    /// <summary>Gets the width of the border on each side, in pixels.</summary>
    /// <value>At least 0. The default is 0.</value>
    [Range(0, 1 << 16)]
    public int Padding { get; init; }

    /// <summary>Gets what the border shows.</summary>
    /// <value>The default is <see cref="PicturePadding.Constant"/>: <see cref="Fill"/>.</value>
    public PicturePadding PaddingMode { get; init; }

    /// <summary>Gets the tone of a constant border.</summary>
    /// <value>In [0, 1]. The default is 0, black.</value>
    [Range(0.0, 1.0)]
    public double Fill { get; init; }

    internal override ImageShape OutputShape(ImageShape shape)
    {
        if (shape.Height + 2 * Padding < Height || shape.Width + 2 * Padding < Width)
            throw new ArgumentException($"RandomCrop cuts {Height} × {Width} pixels (height × width) out of pictures of {shape.Height} × {shape.Width} with a border of {Padding}: " +
                "make it smaller, give it more Padding, or read the pictures larger.");
        if (PaddingMode == PicturePadding.Reflect && Padding >= Math.Min(shape.Height, shape.Width) || PaddingMode == PicturePadding.Symmetric && Padding > Math.Min(shape.Height, shape.Width))
            throw new ArgumentException($"RandomCrop mirrors a border of {Padding} pixels, but the pictures have only {shape.Height} × {shape.Width} (height × width): make Padding smaller.");
        return shape with { Height = Height, Width = Width };
    }

    internal override InputStage Twin(InputStage stage, ImageShape shape) =>
        shape.Height == Height && shape.Width == Width ? stage : stage with { CentreCrop = new PictureSize(Height, Width) };

    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var (tops, lefts) = (new int[count], new int[count]);
        for (var n = 0; n < count; n++)
        {
            tops[n] = random.Between(0, shape.Height + 2 * Padding - Height);
            lefts[n] = random.Between(0, shape.Width + 2 * Padding - Width);
        }
        return new PlacementChange(Cut(tops, lefts, shape));
    }

    internal Placement Cut(IReadOnlyList<int> tops, IReadOnlyList<int> lefts, ImageShape shape) => Placement.Of(tops.Count, Height, Width,
        (n, i) => Source(tops[n] + i - Padding, shape.Height), (n, j) => Source(lefts[n] + j - Padding, shape.Width), Fill);

    private int Source(int place, int length) => place >= 0 && place < length ? place : PaddingMode switch
    {
        PicturePadding.Constant => Placement.Outside,
        PicturePadding.Edge => Math.Clamp(place, 0, length - 1),
        PicturePadding.Reflect => place < 0 ? -place : 2 * (length - 1) - place,
        _ => place < 0 ? -place - 1 : 2 * length - 1 - place,
    };
}

/// <summary>What a border around a picture shows, in torchvision's words.</summary>
public enum PicturePadding
{
    /// <summary>One tone.</summary>
    Constant,

    /// <summary>The outermost pixels again and again.</summary>
    Edge,

    /// <summary>The picture mirrored at its outermost pixels, which are not repeated.</summary>
    Reflect,

    /// <summary>The picture mirrored at its edge: the outermost pixels are repeated.</summary>
    Symmetric,
}
