using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>Draws on a surface of a given size and writes it as a PNG file, whole or not at all.</summary>
internal static class PngFile
{
    public static void Save(string path, int width, int height, Action<SKCanvas> draw)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Premul));
        surface.Canvas.Clear(SKColors.White);
        draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        AtomicFile.Write(path, data.SaveTo);
    }
}
