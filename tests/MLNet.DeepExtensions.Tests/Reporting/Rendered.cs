using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Reporting;

/// <summary>A picture that was written and read back, with questions about what can be seen on it. Areas are in points, as when drawing; a point is two pixels.</summary>
internal sealed class Rendered
{
    private readonly int wide, high;
    private readonly SKColor[] pixels;

    private Rendered(byte[] png)
    {
        Png = png;
        using var bitmap = SKBitmap.Decode(png);
        (wide, high, pixels) = (bitmap.Width, bitmap.Height, bitmap.Pixels);
    }

    public static Rendered By(Action<string> save)
    {
        var folder = Directory.CreateTempSubdirectory("pictures");
        try
        {
            var path = Path.Combine(folder.FullName, "picture.png");
            save(path);
            Assert.Equal([path], Directory.EnumerateFileSystemEntries(folder.FullName));
            return new Rendered(File.ReadAllBytes(path));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public byte[] Png { get; }

    public float Width => wide / 2f;

    public float Height => high / 2f;

    public SKColor Pixel(int x, int y) => pixels[y * wide + x];

    public SKColor At(float x, float y) => Pixel((int)(x * 2), (int)(y * 2));

    /// <summary>How many pixels of an area are of a kind.</summary>
    public int Count(SKRect area, Func<SKColor, bool> wanted) => Where(area, wanted).Count();

    /// <summary>Where in an area, in points, there are pixels of a kind.</summary>
    public IEnumerable<SKPoint> Where(SKRect area, Func<SKColor, bool> wanted)
    {
        for (var y = Math.Max(0, (int)(area.Top * 2)); y < Math.Min(high, (int)(area.Bottom * 2)); y++)
            for (var x = Math.Max(0, (int)(area.Left * 2)); x < Math.Min(wide, (int)(area.Right * 2)); x++)
                if (wanted(pixels[y * wide + x]))
                    yield return new SKPoint(x / 2f, y / 2f);
    }

    public SKRect All => SKRect.Create(Width, Height);

    public static Func<SKColor, bool> Is(SKColor wanted) => colour =>
        Math.Abs(colour.Red - wanted.Red) + Math.Abs(colour.Green - wanted.Green) + Math.Abs(colour.Blue - wanted.Blue) < 24;

    public static bool IsInk(SKColor colour) => colour.Red + colour.Green + colour.Blue < 390;

    public static bool IsWhite(SKColor colour) => colour == SKColors.White;
}
