using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>Draws many pictures on one sheet: predictions, augmented batches, the most wrong.</summary>
public static class PictureSheet
{
    private const float Margin = 24, Gap = 18, LineHeight = 15, LeastCaption = 110, LongestTitle = 640;
    private const int MostLines = 4;

    /// <summary>
    /// Writes a PNG with the pictures side by side, each with its caption below. Pictures smaller than a tile are enlarged by a whole factor, without blur;
    /// larger ones are shrunk. Captions are broken at spaces, and cut, where they are wider than their tile or have more than four lines.
    /// </summary>
    /// <param name="pictures">The pictures, at least one; they may differ in size.</param>
    /// <param name="path">The file, ending in .png; its folder must exist. A file that is there is replaced, once the new one is complete.</param>
    /// <param name="columns">How many stand beside each other, at least 1.</param>
    /// <param name="title">What stands above the pictures; null for nothing.</param>
    /// <param name="tileSize">The longest side of a picture on the sheet, in pixels, from 16 to 4096.</param>
    /// <exception cref="ArgumentException">There is no picture, or one has not as many bytes as its size asks for, or the path is no PNG file's.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static void Save(IReadOnlyList<SheetPicture> pictures, string path, int columns = 8, string? title = null, int tileSize = 224)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tileSize, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tileSize, 4096);
        if (pictures.Count == 0)
            throw new ArgumentException("There is no picture to draw.", nameof(pictures));
        for (var i = 0; i < pictures.Count; i++)
            Check(pictures[i], i);

        columns = Math.Min(columns, pictures.Count);
        var rows = (pictures.Count + columns - 1) / columns;
        using var text = new Lettering(12);
        using var titleText = new Lettering(19);
        // a caption may reach into the gap beside its tile, and widens the tile where that is tiny
        var longest = pictures.Max(picture => CaptionOf(picture).Split('\n').Max(text.Measure));
        var tileWidth = Math.Max(pictures.Max(picture => SizeOf(picture, tileSize).Width), MathF.Ceiling(Math.Min(longest, LeastCaption)));
        var tileHeight = pictures.Max(picture => SizeOf(picture, tileSize).Height);
        var captions = pictures.Select(CaptionOf).Select(caption => caption.Length == 0 ? [] : text.Wrap(caption, tileWidth + Gap - 6, MostLines)).ToList();
        var captionHeight = captions.Max(lines => lines.Count) is var most and > 0 ? 6 + most * LineHeight : 0;
        var top = Margin + (title is null ? 0 : titleText.Size + 18);
        var width = 2 * Margin + Math.Max(columns * (tileWidth + Gap) - Gap, title is null ? 0 : Math.Min(titleText.Measure(title), LongestTitle));
        var height = top + rows * (tileHeight + captionHeight) + (rows - 1) * Gap + Margin;
        PngFile.Save(path, width, height, canvas =>
        {
            if (title is not null)
                titleText.Draw(canvas, titleText.CutEnd(title, width - 2 * Margin), Margin, Margin + titleText.Size, SKTextAlign.Left, Ink.Text);
            for (var i = 0; i < pictures.Count; i++)
            {
                var (x, y) = (Margin + i % columns * (tileWidth + Gap), top + i / columns * (tileHeight + captionHeight + Gap));
                var tile = SKRect.Create(x, y, tileWidth, tileHeight);
                Draw(canvas, pictures[i], tileSize, tile);
                for (var line = 0; line < captions[i].Count; line++)
                    text.Draw(canvas, captions[i][line], tile.MidX, tile.Bottom + 6 + text.Size + line * LineHeight, SKTextAlign.Center, Ink.Text);
            }
        });
    }

    private static void Draw(SKCanvas canvas, SheetPicture picture, int tileSize, SKRect tile)
    {
        var size = SizeOf(picture, tileSize);
        var (left, top) = (WholePixels(tile.Left + (tile.Width - size.Width) / 2), WholePixels(tile.Top + (tile.Height - size.Height) / 2));
        var box = SKRect.Create(left, top, size.Width, size.Height);
        // medium: linear within and between halved copies
        using (var paint = new SKPaint { FilterQuality = IsEnlarged(picture, tileSize) ? SKFilterQuality.None : SKFilterQuality.Medium })
        using (var image = Decode(picture))
            canvas.DrawImage(image, box, paint);

        // wrong ones stand out by a thick frame and a cross, not by colour alone
        var wrong = picture.Right == false;
        var (colour, thickness, distance) = wrong ? (Ink.Vermilion, 4f, 3f) : (Ink.Faint, 1f, 0.5f);
        using var frame = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = thickness, Color = colour, IsAntialias = true };
        box.Inflate(distance, distance);
        canvas.DrawRect(box, frame);
    }

    private static string CaptionOf(SheetPicture picture) =>
        (picture.Right switch { true => "✓ ", false => "✗ ", null => "" } + picture.Caption?.ReplaceLineEndings("\n").Trim()).TrimEnd();

    private static float WholePixels(float points) => MathF.Floor(points * PngFile.PixelsPerPoint) / PngFile.PixelsPerPoint;

    private static SKSize SizeOf(SheetPicture picture, int tileSize)
    {
        var longest = Math.Max(picture.Width, picture.Height);
        var factor = IsEnlarged(picture, tileSize) ? tileSize / longest : (double)tileSize / longest;
        return new SKSize(Points(picture.Width), Points(picture.Height));

        float Points(int side) => Math.Max(1, (float)Math.Round(side * factor)) / PngFile.PixelsPerPoint;
    }

    private static bool IsEnlarged(SheetPicture picture, int tileSize) => Math.Max(picture.Width, picture.Height) <= tileSize;

    private static void Check(SheetPicture picture, int index)
    {
        if (picture.Height < 1 || picture.Width < 1)
            throw new ArgumentException($"Picture {index} is {picture.Height} pixels high and {picture.Width} wide; both must be at least 1.");
        var pixels = (long)picture.Width * picture.Height;
        if (picture.Pixels.Length != pixels && picture.Pixels.Length != 3 * pixels)
            throw new ArgumentException($"Picture {index}, {picture.Height} high and {picture.Width} wide, " +
                $"needs {pixels} bytes for grey or {3 * pixels} for colour, but has {picture.Pixels.Length}.");
    }

    private static SKImage Decode(SheetPicture picture)
    {
        var pixels = picture.Width * picture.Height;
        var channels = picture.Pixels.Length / pixels;
        var rgba = new byte[pixels * 4];
        var source = picture.Pixels.Span;
        for (var i = 0; i < pixels; i++)
        {
            for (var channel = 0; channel < 3; channel++)
                rgba[i * 4 + channel] = source[i * channels + (channels == 1 ? 0 : channel)];
            rgba[i * 4 + 3] = 255;
        }
        return SKImage.FromPixelCopy(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), rgba);
    }
}
