using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>
/// Cuts a text as GPT-2 does before it merges bytes, in one walk: what its regular expression
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c> matches. .NET's own reads halves of surrogate pairs and takes letters beyond the basic plane for symbols.
/// </summary>
internal static class GptWords
{
    private const CharacterKind Sorts = CharacterKind.Letter | CharacterKind.Number | CharacterKind.WhiteSpace;

    /// <summary>The length of the word that a text begins with.</summary>
    public static int Next(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'' && Contraction(text) is var contraction and > 0)
            return contraction;
        var start = text[0] == ' ' && text.Length > 1 ? 1 : 0;
        var sort = SortAt(text, start, out var used);
        if (sort != CharacterKind.WhiteSpace)
        {
            var at = start + used;
            while (at < text.Length && SortAt(text, at, out used) == sort)
                at += used;
            return at;
        }
        // white space up to the last of it, which goes with the word behind; alone or at the end it stands for itself
        var end = 0;
        while (end < text.Length && (CharacterKinds.Of(text[end]) & Sorts) == CharacterKind.WhiteSpace)
            end++;
        return end == text.Length || end == 1 ? end : end - 1;
    }

    private static CharacterKind SortAt(ReadOnlySpan<char> text, int at, out int used)
    {
        used = 1;
        if (!char.IsSurrogate(text[at]))
            return CharacterKinds.Of(text[at]) & Sorts;
        Rune.DecodeFromUtf16(text[at..], out var rune, out used);
        return CharacterKinds.Of(rune) & Sorts;
    }

    private static int Contraction(ReadOnlySpan<char> text) => text.Length < 2 ? 0 : text[1] switch
    {
        's' or 't' or 'm' or 'd' => 2,
        'r' or 'v' when text.Length > 2 && text[2] == 'e' => 3,
        'l' when text.Length > 2 && text[2] == 'l' => 3,
        _ => 0,
    };
}
