using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Where in a picture a class was found.</summary>
public sealed class HeatMap : IDisposable
{
    // from cold to hot: dark violet, red, orange, yellow; told apart by brightness alone too
    private static readonly (int Red, int Green, int Blue)[] colours = [(40, 0, 80), (150, 30, 100), (230, 90, 40), (250, 230, 90)];

    internal HeatMap(float[,] values, byte[] pixels, ImageShape shape, int classIndex, string? label, float probability)
    {
        (Values, ClassIndex, Label, Probability) = (values, classIndex, label, probability);
        Overlay = Draw(values, pixels, shape);
    }

    /// <summary>Gets the heat of each point, [height, width] of the picture: 1 where the class was seen most, 0 where nothing spoke for it.</summary>
#pragma warning disable CA1819, CA1814                          // a picture is a rectangle
    public float[,] Values { get; }
#pragma warning restore CA1819, CA1814

    /// <summary>Gets the class, from 0, in the order of the scores.</summary>
    public int ClassIndex { get; }

    /// <summary>Gets the name of the class; null where the label column named none.</summary>
    public string? Label { get; }

    /// <summary>Gets the probability that the network gives the class, in [0, 1].</summary>
    public float Probability { get; }

    /// <summary>Gets the picture with the heat laid over it: the hotter, the more of it. It is disposed with this.</summary>
    public MLImage Overlay { get; }

    /// <inheritdoc/>
    public void Dispose() => Overlay.Dispose();

    private static MLImage Draw(float[,] values, byte[] pixels, ImageShape shape)
    {
        var count = shape.Height * shape.Width;
        var drawn = new byte[4 * count];
        for (var i = 0; i < count; i++)
        {
            var heat = Math.Clamp(values[i / shape.Width, i % shape.Width], 0, 1);
            var at = heat * (colours.Length - 1);
            var (from, to) = (colours[(int)at], colours[Math.Min((int)at + 1, colours.Length - 1)]);
            var share = at - (int)at;
            var strength = 0.15f + 0.5f * heat;
            drawn[4 * i] = Mix(0, from.Red + (to.Red - from.Red) * share);
            drawn[4 * i + 1] = Mix(1, from.Green + (to.Green - from.Green) * share);
            drawn[4 * i + 2] = Mix(2, from.Blue + (to.Blue - from.Blue) * share);
            drawn[4 * i + 3] = 255;

            byte Mix(int channel, float colour) => (byte)(pixels[(shape.Channels == 1 ? 0 : channel * count) + i] * (1 - strength) + colour * strength);
        }
        return MLImage.CreateFromPixels(shape.Width, shape.Height, MLPixelFormat.Rgba32, drawn);
    }
}
