using System.Collections.Concurrent;
using ScottPlot;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>
/// The font that comes with this package, so that text is drawn on machines without any. It has Latin, Greek, Cyrillic and more,
/// but no Chinese, Japanese or Korean: such signs come from a font of the machine where one has them, and are drawn as empty boxes where none has.
/// </summary>
internal static class EmbeddedFont
{
    /// <summary>What ScottPlot knows it by: a name of its own, so that an installed DejaVu of another version is not taken for it.</summary>
    public const string Name = "MLNet.DeepExtensions DejaVu Sans";

    private static readonly Lazy<SKTypeface> typeface = new(Load);
    private static readonly ConcurrentDictionary<int, SKTypeface> others = new();

    // SkiaSharp's build for Linux without dependencies reads the installed fonts, but cannot tell which one has a sign
    private static readonly Lazy<IReadOnlyList<SKTypeface>> installed =
        new(() => [.. SKFontManager.Default.FontFamilies.Order(StringComparer.Ordinal).Select(SKFontManager.Default.MatchFamily).OfType<SKTypeface>()]);

    public static SKTypeface Typeface => typeface.Value;

    /// <summary>Makes a plot use the font. ScottPlot then asks our resolver for it; no other plot of the application changes.</summary>
    public static void UseIn(Plot plot)
    {
        lock (Fonts.FontResolvers)
            if (!Fonts.FontResolvers.OfType<Resolver>().Any())
                Fonts.FontResolvers.Insert(0, new Resolver());
        plot.Font.Set(Name);
    }

    /// <summary>The font for a sign: ours, or one of the machine's where ours lacks it.</summary>
    public static SKTypeface For(int codePoint) =>
        Typeface.GetGlyph(codePoint) != 0 ? Typeface : others.GetOrAdd(codePoint, OfMachine);

    private static SKTypeface OfMachine(int codePoint) =>
        SKFontManager.Default.MatchCharacter(codePoint) ?? installed.Value.FirstOrDefault(face => face.GetGlyph(codePoint) != 0) ?? Typeface;

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
