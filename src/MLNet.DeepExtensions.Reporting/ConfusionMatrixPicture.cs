using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>Draws which class was taken for which.</summary>
public static class ConfusionMatrixPicture
{
    // beyond this many classes a count has no room in its cell, beyond the second not even a name beside its row
    private const int MostCounts = 20, MostNames = 60;
    private const int LongestName = 18;

    /// <summary>
    /// Writes a PNG: a row for each actual class, a column for each predicted one, coloured by the share of the row, with counts where there is room.
    /// </summary>
    /// <param name="matrix">The matrix, <c>metrics.ConfusionMatrix</c>.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="classNames">The classes' names in order; null numbers them from 0.</param>
    /// <exception cref="ArgumentException">There are not as many names as classes.</exception>
    public static void SavePicture(this ConfusionMatrix matrix, string path, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var classes = matrix.NumberOfClasses;
        if (classNames is not null && classNames.Count != classes)
            throw new ArgumentException($"There are {classNames.Count} names for {classes} classes.", nameof(classNames));
        var names = (classNames ?? [.. Enumerable.Range(0, classes).Select(i => i.ToString())]).Select(Shorten).ToList();
        var cell = classes <= 4 ? 96 : classes <= MostCounts ? 56 : Math.Max(4, 1100 / classes);
        using var font = new SKFont(EmbeddedFont.Typeface, Math.Clamp(cell * 0.25f, 9, 16)) { Edging = SKFontEdging.Antialias };
        var showNames = classes <= MostNames;
        var nameWidth = showNames ? names.Max(name => font.MeasureText(name)) : 0;
        var slanted = nameWidth > cell * 0.9f;
        var left = (int)nameWidth + 60;
        var top = 60 + (showNames ? slanted ? (int)(nameWidth * 0.71f) + 16 : 24 : 0);
        var right = slanted ? (int)(nameWidth * 0.71f) + 24 : 30;
        var size = cell * classes;
        PngFile.Save(path, left + size + right + 90, top + size + 30, canvas =>
        {
            using var ink = new SKPaint { Color = new SKColor(0x33, 0x33, 0x33), IsAntialias = true };
            using var fill = new SKPaint();
            for (var actual = 0; actual < classes; actual++)
            {
                var total = Math.Max(1, matrix.Counts[actual].Sum());
                for (var predicted = 0; predicted < classes; predicted++)
                {
                    var count = matrix.Counts[actual][predicted];
                    var share = count / total;
                    fill.Color = Shade(share);
                    var box = SKRect.Create(left + predicted * cell, top + actual * cell, cell, cell);
                    canvas.DrawRect(box, fill);
                    if (classes > MostCounts)
                        continue;
                    using var onCell = new SKPaint { Color = share > 0.5 ? SKColors.White : count == 0 ? new SKColor(0xB0, 0xB0, 0xB0) : ink.Color, IsAntialias = true };
                    canvas.DrawText(Count(count), box.MidX, box.MidY + (classes <= 4 ? -2 : font.Size * 0.36f), SKTextAlign.Center, font, onCell);
                    if (classes <= 4)
                        canvas.DrawText($"{share:P1}", box.MidX, box.MidY + font.Size + 4, SKTextAlign.Center, font, onCell);
                }
                if (showNames)
                {
                    using var rowFont = new SKFont(EmbeddedFont.For(names[actual]), font.Size) { Edging = SKFontEdging.Antialias };
                    canvas.DrawText(names[actual], left - 8, top + (actual + 0.5f) * cell + font.Size * 0.36f, SKTextAlign.Right, rowFont, ink);
                    canvas.Save();
                    canvas.Translate(left + (actual + 0.5f) * cell, top - 8);
                    if (slanted)
                        canvas.RotateDegrees(-45);
                    canvas.DrawText(names[actual], 0, 0, slanted ? SKTextAlign.Left : SKTextAlign.Center, rowFont, ink);
                    canvas.Restore();
                }
            }
            DrawTitles(canvas, left, top, size, ink);
            DrawScale(canvas, left + size + right, top, Math.Min(size, 240), ink);
        });
    }

    private static void DrawTitles(SKCanvas canvas, int left, int top, int size, SKPaint ink)
    {
        using var font = new SKFont(EmbeddedFont.Typeface, 15) { Edging = SKFontEdging.Antialias };
        canvas.DrawText("Predicted class", left + size / 2f, 28, SKTextAlign.Center, font, ink);
        canvas.Save();
        canvas.Translate(24, top + size / 2f);
        canvas.RotateDegrees(-90);
        canvas.DrawText("Actual class", 0, 0, SKTextAlign.Center, font, ink);
        canvas.Restore();
    }

    private static void DrawScale(SKCanvas canvas, float x, float y, float height, SKPaint ink)
    {
        using var font = new SKFont(EmbeddedFont.Typeface, 11) { Edging = SKFontEdging.Antialias };
        using var fill = new SKPaint();
        for (var i = 0; i < height; i++)
        {
            fill.Color = Shade(1 - i / (height - 1));
            canvas.DrawRect(x, y + i, 14, 1.5f, fill);
        }
        canvas.DrawText("100 %", x + 20, y + 8, SKTextAlign.Left, font, ink);
        canvas.DrawText("of row", x + 20, y + 22, SKTextAlign.Left, font, ink);
        canvas.DrawText("0 %", x + 20, y + height, SKTextAlign.Left, font, ink);
    }

    // one hue from white to dark blue: lightness falls evenly, so the order is seen without colour vision and in grey print
    private static SKColor Shade(double share)
    {
        (double R, double G, double B) light = (247, 251, 255), middle = (107, 174, 214), dark = (8, 48, 107);
        // small shares are what one looks for: the root lifts them
        var t = Math.Sqrt(Math.Clamp(share, 0, 1));
        var (from, to, s) = t < 0.5 ? (light, middle, t * 2) : (middle, dark, t * 2 - 1);
        return new SKColor(Mix(from.R, to.R), Mix(from.G, to.G), Mix(from.B, to.B));

        byte Mix(double a, double b) => (byte)Math.Round(a + (b - a) * s);
    }

    private static string Count(double count) => count >= 10_000 ? $"{count / 1000:0.#}k" : $"{count:0.##}";

    private static string Shorten(string name) => name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…";
}
