using System.Globalization;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>What tokenizers ask of a character. The answers are Unicode's general categories, not a culture's.</summary>
[Flags]
internal enum CharacterKind : byte
{
    None = 0,

    /// <summary>Any letter (L*).</summary>
    Letter = 1,

    /// <summary>Any number (N*).</summary>
    Number = 2,

    /// <summary>Unicode's property White_Space.</summary>
    WhiteSpace = 4,

    /// <summary>Punctuation (P*), and ASCII's symbols: <c>$ + &lt; = &gt; ^ ` | ~</c>.</summary>
    Punctuation = 8,

    /// <summary>What BERT drops before it looks at a text: zero, U+FFFD, control and format characters but tab and line ends, and halves of surrogate pairs, which are no characters.</summary>
    Dropped = 16,

    /// <summary>Nonspacing marks (Mn), such as combining accents.</summary>
    Mark = 32,

    /// <summary>The blocks of CJK ideographs that BERT sets apart.</summary>
    Ideograph = 64,
}

internal static class CharacterKinds
{
    // of the basic plane, where nearly all text is
    private static readonly CharacterKind[] plane = [.. Enumerable.Range(0, char.MaxValue + 1).Select(Find)];

    public static CharacterKind Of(char character) => plane[character];

    public static CharacterKind Of(Rune rune) => rune.IsBmp ? plane[rune.Value] : Find(rune.Value);

    private static CharacterKind Find(int codePoint)
    {
        var category = CharUnicodeInfo.GetUnicodeCategory(codePoint);
        var kind = category switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterKind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterKind.Number,
            UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => CharacterKind.WhiteSpace,
            UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or
                UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation => CharacterKind.Punctuation,
            UnicodeCategory.NonSpacingMark => CharacterKind.Mark,
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate => CharacterKind.Dropped,
            _ => CharacterKind.None,
        };
        return codePoint switch
        {
            '\t' or '\n' or '\r' => CharacterKind.WhiteSpace,
            0x0B or 0x0C or 0x85 => CharacterKind.WhiteSpace | CharacterKind.Dropped,
            '$' or '+' or '<' or '=' or '>' or '^' or '`' or '|' or '~' => CharacterKind.Punctuation,
            0xFFFD => CharacterKind.Dropped,
            (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or
                (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F) => kind | CharacterKind.Ideograph,
            _ => kind,
        };
    }
}
