using System.Globalization;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>
/// Draws on a white surface and writes it as a PNG file, whole or not at all. Sizes are in points; a point is two pixels, sharp in print and on dense screens.
/// </summary>
internal static class PngFile
{
    public const int PixelsPerPoint = 2;

    // 400 MB while drawing, and few viewers open more
    private const long MostPixels = 100_000_000;

    public static void Save(string path, float width, float height, Action<SKCanvas> draw)
    {
        Check(path);
        var png = Encode(width, height, draw);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    public static byte[] Encode(float width, float height, Action<SKCanvas> draw)
    {
        var (pixelsWide, pixelsHigh) = (Math.Ceiling(width * PixelsPerPoint), Math.Ceiling(height * PixelsPerPoint));
        if (pixelsWide * pixelsHigh > MostPixels)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The picture would have {pixelsWide:0} × {pixelsHigh:0} pixels, more than the {MostPixels / 1_000_000} million allowed. Put less on it."));
        var info = new SKImageInfo((int)pixelsWide, (int)pixelsHigh, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var surface = SKSurface.Create(info)
            ?? throw new InsufficientMemoryException($"There is no memory for a picture of {info.Width} × {info.Height} pixels.");
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.Scale(PixelsPerPoint);
        draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }

    /// <summary>Says what is wrong with a path before anything is drawn.</summary>
    public static void Check(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
            throw new ArgumentException($"'{path}' is a folder. Name the file too: \"{Path.Combine(path, "picture.png")}\".", nameof(path));
        if (!Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'{path}' does not end in .png, but a PNG would be written there. " +
                $"Write \"{Path.ChangeExtension(path, ".png")}\".", nameof(path));
    }
}
