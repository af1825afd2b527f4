using System.Globalization;
using System.Text;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>
/// One line of text in one size: measured, shortened, drawn. Signs that our font lacks come from a font of the machine, one by one,
/// so that a label may mix scripts.
/// Signs are set in the order in which they stand, each as it is: scripts whose letters join (Arabic, Devanagari) are legible letter by letter only.
/// </summary>
internal sealed class Lettering(float size) : IDisposable
{
    private readonly Dictionary<SKTypeface, SKFont> fonts = [];

    public float Size => size;

    /// <summary>How far below the middle of a line its baseline lies.</summary>
    public float MiddleToBaseline => size * 0.36f;

    public float Measure(string text) => Runs(text).Sum(run => Width(run.Font, run.Text));

    /// <summary>Draws a line on its baseline; control characters become spaces.</summary>
    public void Draw(SKCanvas canvas, string text, float x, float y, SKTextAlign align, SKColor colour)
    {
        using var paint = new SKPaint { Color = colour, IsAntialias = true };
        var runs = Runs(text);
        if (align != SKTextAlign.Left)
            x -= runs.Sum(run => Width(run.Font, run.Text)) * (align == SKTextAlign.Center ? 0.5f : 1);
        foreach (var (part, font) in runs)
        {
            canvas.DrawText(part, x, y, font, paint);
            x += Width(font, part);
        }
    }

    /// <summary>Leaves out the end of a text that is wider than there is room for.</summary>
    public string CutEnd(string text, float width) => Cut(text, width, atStart: 1);

    /// <summary>Leaves out the middle of a text that is wider than there is room for: names that differ at their end stay different.</summary>
    public string CutMiddle(string text, float width) => Cut(text, width, atStart: 0.6);

    /// <summary>Breaks a text at its line ends, and at spaces where a line is wider than there is room for; what is then left over is cut.</summary>
    public IReadOnlyList<string> Wrap(string text, float width, int mostLines)
    {
        var lines = new List<string>();
        foreach (var paragraph in text.ReplaceLineEndings("\n").Trim('\n').Split('\n'))
        {
            var line = "";
            foreach (var word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var longer = line.Length == 0 ? word : $"{line} {word}";
                if (line.Length == 0 || Measure(longer) <= width || lines.Count == mostLines - 1)
                    line = longer;
                else
                {
                    lines.Add(line);
                    line = word;
                }
            }
            lines.Add(line);
        }
        return [.. lines.Take(mostLines).Select(line => CutEnd(line, width))];
    }

    public void Dispose()
    {
        foreach (var font in fonts.Values)
            font.Dispose();
    }

    private string Cut(string text, float width, double atStart)
    {
        if (Measure(text) <= width)
            return text;
        // what a reader takes for one sign may be several characters
        var signs = StringInfo.ParseCombiningCharacters(text);
        for (var kept = signs.Length - 1; kept > 0; kept--)
        {
            var start = (int)Math.Ceiling(kept * atStart);
            var end = kept - start;
            var cut = text[..signs[start]].TrimEnd() + "…" + (end == 0 ? "" : text[signs[^end]..].TrimStart());
            if (Measure(cut) <= width)
                return cut;
        }
        return "…";
    }

    private List<(string Text, SKFont Font)> Runs(string text)
    {
        var runs = new List<(string, SKFont)>();
        var part = new StringBuilder();
        SKTypeface? face = null;
        foreach (var rune in text.EnumerateRunes())
        {
            var sign = Rune.IsControl(rune) ? new Rune(' ') : rune;
            var next = EmbeddedFont.For(sign.Value);
            if (face is not null && next != face)
            {
                runs.Add((part.ToString(), FontOf(face)));
                part.Clear();
            }
            face = next;
            part.Append(sign.ToString());
        }
        if (face is not null)
            runs.Add((part.ToString(), FontOf(face)));
        return runs;
    }

    private static float Width(SKFont font, string text) => font.MeasureText(font.Typeface.GetGlyphs(text));

    private SKFont FontOf(SKTypeface face)
    {
        if (!fonts.TryGetValue(face, out var font))
            // no hinting: widths then do not depend on how many pixels a point has
            font = new SKFont(face, size) { Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None, Subpixel = true, LinearMetrics = true };
        return fonts[face] = font;
    }
}
