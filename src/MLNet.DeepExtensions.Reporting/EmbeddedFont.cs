using ScottPlot;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>
/// The font that comes with this package, so that text is drawn on machines without any. It has Latin, Greek, Cyrillic and more, but no Chinese, Japanese or Korean:
/// such labels take a font of the machine where one has the signs.
/// </summary>
internal static class EmbeddedFont
{
    public const string Name = "MLNet.DeepExtensions DejaVu Sans";

    private static readonly Lazy<SKTypeface> typeface = new(Load);

    public static SKTypeface Typeface => typeface.Value;

    /// <summary>Makes a plot use the font. ScottPlot then asks our resolver for it; no other plot of the application changes.</summary>
    public static void UseIn(Plot plot)
    {
        lock (Fonts.FontResolvers)
            if (!Fonts.FontResolvers.OfType<Resolver>().Any())
                Fonts.FontResolvers.Insert(0, new Resolver());
        plot.Font.Set(Name);
    }

    /// <summary>The font for a text: ours, or one of the machine's that has a sign which ours lacks.</summary>
    public static SKTypeface For(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            if (Typeface.GetGlyph(rune.Value) == 0 && SKFontManager.Default.MatchCharacter(rune.Value) is { } other)
                return other;
        return Typeface;
    }

    private static SKTypeface Load()
    {
        using var stream = typeof(EmbeddedFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    }

    private sealed class Resolver : IFontResolver
    {
        // ScottPlot may dispose what it is given: each gets a typeface of its own
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing width) => fontName == Name ? Load() : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Load() : null;
    }
}
