using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Looks at the picture from the side, as far as each corner moves inwards by a random distance: torchvision's <c>RandomPerspective</c>.</summary>
/// <param name="DistortionScale">How far a corner may move, as a share of half the picture. In [0, 1]; the default is 0.5.</param>
/// <param name="Probability">How likely an example is changed. In [0, 1]; the default is 0.5.</param>
[ConfigName("random-perspective")]
public sealed record RandomPerspective([property: Range(0.0, 1.0)] double DistortionScale = 0.5, [property: Range(0.0, 1.0)] double Probability = 0.5) : Augmentation
{
    /// <summary>Gets whether pixels are interpolated; else the nearest one is taken.</summary>
    /// <value>The default is true, as torchvision's.</value>
    public bool Bilinear { get; init; } = true;

    /// <summary>Gets the tone of what the picture leaves free.</summary>
    /// <value>In [0, 1]. The default is 0, black.</value>
    [Range(0.0, 1.0)]
    public double Fill { get; init; }

    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var chosen = random.Chosen(Probability, count);
        if (chosen.Count == 0)
            return null;
        var (right, bottom) = (shape.Width - 1, shape.Height - 1);
        var (dx, dy) = ((int)(DistortionScale * (shape.Width / 2)), (int)(DistortionScale * (shape.Height / 2)));
        (double, double)[] corners = [(0, 0), (right, 0), (right, bottom), (0, bottom)];
        var maps = new double[chosen.Count][];
        for (var i = 0; i < maps.Length; i++)
            maps[i] = PictureGeometry.PerspectiveBetween(corners,
                [(Near(dx), Near(dy)), (right - Near(dx), Near(dy)), (right - Near(dx), bottom - Near(dy)), (Near(dx), bottom - Near(dy))]);
        return new PictureChange(pictures => PictureRows.Some(pictures, chosen, some => PictureGeometry.Perspective(some, maps, Bilinear, Fill)));

        int Near(int most) => random.Between(0, most);
    }
}
