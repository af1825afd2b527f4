using System.Globalization;
using System.Text;

namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>A second reading of BERT's rules, with strings and lists and no thought of speed; it shares nothing with ours but the way from a character to its letters.</summary>
internal sealed class PlainBert(WordPiece settings)
{
    private const string AsciiSymbols = "$+<=>^`|~";

    private readonly HashSet<string> vocabulary = settings.Vocabulary!.ToHashSet(StringComparer.Ordinal);

    public IReadOnlyList<string> Tokens(string text) => [.. Words(text).SelectMany(Pieces)];

    private IEnumerable<string> Words(string text)
    {
        var clean = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())                    // a lone half of a pair is U+FFFD here
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (rune.Value is '\t' or '\n' or '\r' || category is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                clean.Append(' ');
            else if (rune.Value is not (0 or 0xFFFD) && category is not (UnicodeCategory.Control or UnicodeCategory.Format))
                clean.Append(IsIdeograph(rune.Value) && settings.IdeographsApart ? $" {rune} " : rune.ToString());
        }
        foreach (var word in clean.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries))
            foreach (var part in AtPunctuation(Plain(word, new LetterForms(settings.LowerCase, settings.StripAccents ?? settings.LowerCase))))
                yield return part;
    }

    private static string Plain(string word, LetterForms forms)
    {
        var (result, at) = (new StringBuilder(), 0);
        Span<char> form = stackalloc char[LetterForms.Most];
        foreach (var rune in word.EnumerateRunes())
        {
            result.Append(form[..forms.Write(word, at, rune, form)]);
            at += rune.Utf16SequenceLength;
        }
        return result.ToString();
    }

    private static IEnumerable<string> AtPunctuation(string word)
    {
        var part = "";
        foreach (var rune in word.EnumerateRunes())
        {
            if (!(Rune.IsPunctuation(rune) || rune.IsAscii && AsciiSymbols.Contains((char)rune.Value)))
            {
                part += rune;
                continue;
            }
            if (part.Length > 0)
                yield return part;
            yield return rune.ToString();
            part = "";
        }
        if (part.Length > 0)
            yield return part;
    }

    private List<string> Pieces(string word)
    {
        var (letters, pieces) = (word.EnumerateRunes().Select(rune => rune.ToString()).ToList(), new List<string>());
        if (letters.Count > 100)
            return ["[UNK]"];
        for (var start = 0; start < letters.Count;)
        {
            var end = letters.Count;
            while (end > start && !vocabulary.Contains(PieceAt(start, end)))
                end--;
            if (end == start)
                return ["[UNK]"];
            pieces.Add(PieceAt(start, end));
            start = end;
        }
        return pieces;

        string PieceAt(int start, int end) => (start > 0 ? "##" : "") + string.Concat(letters[start..end]);
    }

    private static bool IsIdeograph(int point) => point is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or
        (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
