using System.Collections.Concurrent;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>
/// The font that comes with this package, so that text is drawn on machines without any. It has Latin, Greek, Cyrillic and more,
/// but no Chinese, Japanese or Korean: such signs come from a font of the machine where one has them, and are drawn as empty boxes where none has.
/// </summary>
internal static class EmbeddedFont
{
    private static readonly Lazy<SKTypeface> typeface = new(Load);
    private static readonly ConcurrentDictionary<int, SKTypeface> others = new();

    // SkiaSharp's build for Linux without dependencies reads the installed fonts, but cannot tell which one has a sign
    private static readonly Lazy<IReadOnlyList<SKTypeface>> installed =
        new(() => [.. SKFontManager.Default.FontFamilies.Order(StringComparer.Ordinal).Select(SKFontManager.Default.MatchFamily).OfType<SKTypeface>()]);

    public static SKTypeface Typeface => typeface.Value;

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
}
