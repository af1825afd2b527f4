using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Turns the picture about its middle by a random angle: torchvision's <c>RandomRotation</c>, without <c>expand</c>.</summary>
/// <param name="Degrees">The largest angle to either side. In [0, 180].</param>
[ConfigName("random-rotation")]
public sealed record RandomRotation([property: Range(0.0, 180.0)] double Degrees) : Augmentation
{
    /// <summary>Gets whether pixels are interpolated; else the nearest one is taken.</summary>
    /// <value>The default is false, as torchvision's.</value>
    public bool Bilinear { get; init; }

    /// <summary>Gets the tone of the corners that the turned picture leaves free.</summary>
    /// <value>In [0, 1]. The default is 0, black.</value>
    [Range(0.0, 1.0)]
    public double Fill { get; init; }

    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var maps = new AffineMap[count];
        for (var n = 0; n < count; n++)
            maps[n] = PictureGeometry.Rotation(new Interval(-Degrees, Degrees).Draw(random));
        return new PictureChange(pictures => PictureGeometry.Warp(pictures, maps, Bilinear, Fill));
    }
}
