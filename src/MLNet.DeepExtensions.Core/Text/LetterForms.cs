using System.Buffers;
using System.Globalization;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>
/// What lower-casing and stripping of accents make of a character, as BERT does both: Unicode's lower case, then canonical decomposition without nonspacing marks.
/// The decompositions are our own table, since <see cref="string.Normalize()"/> changes nothing where an application runs in invariant globalization mode.
/// </summary>
internal sealed class LetterForms
{
    /// <summary>The most characters that one becomes.</summary>
    public const int Most = 8;

    private const int CapitalSigma = 0x3A3;
    private const char FinalSigma = '\u03C2';

    private static readonly Lazy<Dictionary<int, string>> bases = new(ReadBases);

    private readonly bool lowerCase, stripAccents;

    public LetterForms(bool lowerCase, bool stripAccents) => (this.lowerCase, this.stripAccents) = (lowerCase, stripAccents);

    /// <summary>Writes what becomes of a character.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the character stands in it: a sigma looks around.</param>
    /// <param name="rune">The character.</param>
    /// <param name="form">Room for <see cref="Most"/>.</param>
    /// <returns>How many were written; 0 of a mark that is stripped.</returns>
    public int Write(ReadOnlySpan<char> text, int at, Rune rune, Span<char> form)
    {
        if (!lowerCase)
            return WriteBase(rune, form);
        if (rune.Value == CapitalSigma && EndsAWord(text, at))
        {
            form[0] = FinalSigma;
            return 1;
        }
        if (rune.Value != 0x130)
            return WriteBase(Rune.ToLowerInvariant(rune), form);
        // the one character whose lower case is two: i with a dot above
        form[0] = 'i';
        form[1] = '\u0307';
        return stripAccents ? 1 : 2;
    }

    private int WriteBase(Rune rune, Span<char> form)
    {
        if (!stripAccents)
            return rune.EncodeToUtf16(form);
        if (rune.Value < 0xC0)
        {
            form[0] = (char)rune.Value;
            return 1;
        }
        if (CharacterKinds.Of(rune).HasFlag(CharacterKind.Mark))
            return 0;
        if (rune.Value is >= 0xAC00 and < 0xAC00 + 11172)
            return WriteHangul(rune.Value - 0xAC00, form);
        if (!bases.Value.TryGetValue(rune.Value, out var known))
            return rune.EncodeToUtf16(form);
        known.CopyTo(form);
        return known.Length;
    }

    // Unicode, section 3.12: a syllable is a leading consonant, a vowel and perhaps a trailing consonant
    private static int WriteHangul(int syllable, Span<char> form)
    {
        form[0] = (char)(0x1100 + syllable / (21 * 28));
        form[1] = (char)(0x1161 + syllable % (21 * 28) / 28);
        if (syllable % 28 == 0)
            return 2;
        form[2] = (char)(0x11A7 + syllable % 28);
        return 3;
    }

    // Unicode's condition Final_Sigma: a cased letter before, none behind, whatever case ignores in between
    private static bool EndsAWord(ReadOnlySpan<char> text, int at)
    {
        var before = text[..at];
        var cased = false;
        while (before.Length > 0)
        {
            Rune.DecodeLastFromUtf16(before, out var rune, out var used);
            before = before[..^used];
            if (IsIgnored(rune))
                continue;
            cased = IsCased(rune);
            break;
        }
        if (!cased)
            return false;
        for (var behind = text[(at + 1)..]; behind.Length > 0;)
        {
            Rune.DecodeFromUtf16(behind, out var rune, out var used);
            behind = behind[used..];
            if (!IsIgnored(rune))
                return !IsCased(rune);
        }
        return true;
    }

    private static bool IsIgnored(Rune rune) => CharacterKinds.Of(rune).HasFlag(CharacterKind.Dropped) ||
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol ||
        rune.Value is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027 or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A;

    private static bool IsCased(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter ||
        rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    private static Dictionary<int, string> ReadBases()
    {
        using var stream = typeof(LetterForms).Assembly.GetManifestResourceStream("CanonicalBases.txt")!;
        using var reader = new StreamReader(stream);
        var found = new Dictionary<int, string>();
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var points = line.Split(' ').Select(point => int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
            found.Add(points[0], string.Concat(points.Skip(1).Select(char.ConvertFromUtf32)));
        }
        return found;
    }
}
