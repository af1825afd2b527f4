using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>A picture for a sheet, with what is to be said of it.</summary>
/// <param name="Pixels">Rows of pixels from the top; one byte each for grey, three (red, green, blue) for colour.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Caption">What stands below; null for nothing.</param>
/// <param name="Right">Whether what the caption says is right, shown by a sign and a frame; null where that is no question.</param>
public sealed record SheetPicture(ReadOnlyMemory<byte> Pixels, int Height, int Width, string? Caption = null, bool? Right = null);

/// <summary>Draws many pictures on one sheet: predictions, augmented batches, the most wrong.</summary>
public static class PictureSheet
{
    private const int Gap = 14, SmallestTile = 84;

    /// <summary>Writes a PNG with the pictures side by side, each with its caption below. Tiny pictures are enlarged by a whole factor, without blur.</summary>
    /// <param name="pictures">The pictures, at least one.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="columns">How many stand beside each other, at least 1.</param>
    /// <exception cref="ArgumentException">There is no picture, or one has not as many bytes as its size asks for.</exception>
    public static void Save(IReadOnlyList<SheetPicture> pictures, string path, int columns = 8)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (pictures.Count == 0)
            throw new ArgumentException("There is no picture to draw.", nameof(pictures));
        columns = Math.Min(columns, pictures.Count);
        var (largestWidth, largestHeight) = (pictures.Max(picture => picture.Width), pictures.Max(picture => picture.Height));
        var factor = Math.Max(1, (SmallestTile + Math.Min(largestWidth, largestHeight) - 1) / Math.Min(largestWidth, largestHeight));
        var (tileWidth, tileHeight) = (largestWidth * factor, largestHeight * factor);
        var captionHeight = pictures.Any(picture => picture.Caption is not null) ? 22 : 0;
        var rows = (pictures.Count + columns - 1) / columns;
        PngFile.Save(path, Gap + columns * (tileWidth + Gap), Gap + rows * (tileHeight + captionHeight + Gap), canvas =>
        {
            for (var i = 0; i < pictures.Count; i++)
            {
                var box = SKRect.Create(Gap + i % columns * (tileWidth + Gap), Gap + i / columns * (tileHeight + captionHeight + Gap), tileWidth, tileHeight);
                Draw(canvas, pictures[i], box, factor);
            }
        });
    }

    private static void Draw(SKCanvas canvas, SheetPicture picture, SKRect tile, int factor)
    {
        using var image = Decode(picture);
        var box = SKRect.Create(tile.Left + (tile.Width - picture.Width * factor) / 2, tile.Top + (tile.Height - picture.Height * factor) / 2, picture.Width * factor, picture.Height * factor);
        canvas.DrawImage(image, box, new SKSamplingOptions(SKFilterMode.Nearest));
        // wrong ones stand out by a thick frame and a cross, not by colour alone
        var wrong = picture.Right == false;
        using var frame = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = wrong ? 4 : 1, Color = wrong ? new SKColor(0xD5, 0x5E, 0x00) : new SKColor(0xC8, 0xC8, 0xC8), IsAntialias = true };
        var outside = tile;
        outside.Inflate(wrong ? 3 : 1, wrong ? 3 : 1);
        canvas.DrawRect(outside, frame);
        if (picture.Caption is null)
            return;
        var text = picture.Right switch { true => "✓ ", false => "✗ ", _ => "" } + picture.Caption;
        using var ink = new SKPaint { Color = wrong ? new SKColor(0xA8, 0x3C, 0x00) : new SKColor(0x33, 0x33, 0x33), IsAntialias = true };
        using var font = new SKFont(EmbeddedFont.For(text), 12) { Edging = SKFontEdging.Antialias };
        while (text.Length > 4 && font.MeasureText(text) > tile.Width + Gap - 2)
            text = text[..^2] + "…";
        canvas.DrawText(text, tile.MidX, tile.Bottom + 17, SKTextAlign.Center, font, ink);
    }

    private static SKImage Decode(SheetPicture picture)
    {
        var pixels = picture.Width * picture.Height;
        var channels = pixels == 0 ? 0 : picture.Pixels.Length / pixels;
        if (channels is not (1 or 3) || picture.Pixels.Length != pixels * channels)
            throw new ArgumentException($"A picture of {picture.Height} × {picture.Width} needs {pixels} bytes for grey or {3 * pixels} for colour, but has {picture.Pixels.Length}.");
        var rgba = new byte[pixels * 4];
        var source = picture.Pixels.Span;
        for (var i = 0; i < pixels; i++)
        {
            for (var channel = 0; channel < 3; channel++)
                rgba[i * 4 + channel] = source[i * channels + (channels == 1 ? 0 : channel)];
            rgba[i * 4 + 3] = 255;
        }
        var info = new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        return SKImage.FromPixelCopy(info, rgba);
    }
}
