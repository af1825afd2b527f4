using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace MLNet.DeepExtensions;

/// <summary>Microsoft's SentencePiece at work, with the places of tokens in the text as it was before it was normalised.</summary>
internal sealed class SentencePieceEncoder : TextEncoder
{
    private readonly SentencePieceTokenizer library;
    private readonly bool removesSpaces;
    private readonly string[] pieces;
    private readonly HashSet<int> hidden;

    public SentencePieceEncoder(SentencePieceTokenizer library, bool addsStart, bool addsEnd) : base(SpecialOf(library, addsStart, addsEnd))
    {
        (this.library, removesSpaces) = (library, library.Normalizer is SentencePieceNormalizer { RemoveExtraWhiteSpaces: true });
        pieces = new string[library.Vocabulary.Count];
        foreach (var (piece, id) in library.Vocabulary)
            pieces[id] = piece;
        hidden = [.. Special.All];
    }

    public override int Count => pieces.Length;

    // where spaces are shown in the normalised text
    private char Space => library.EscapeWhiteSpaces ? '\u2581' : ' ';

    public static SentencePieceTokenizer Load(ReadOnlyMemory<byte> model)
    {
        var bytes = MemoryMarshal.TryGetArray(model, out var whole) ? whole : new ArraySegment<byte>(model.ToArray());
        return SentencePieceTokenizer.Create(new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false), addBeginningOfSentence: false, addEndOfSentence: false);
    }

    /// <summary>Says why a model is none; null where it is one.</summary>
    public static string? WhatIsWrong(ReadOnlyMemory<byte> model)
    {
        try
        {
            var library = Load(model);
            return library.Vocabulary.Count == 0 ? "it has no pieces." : library.Vocabulary.Values.Any(id => (uint)id >= (uint)library.Vocabulary.Count) ? "its pieces are not numbered from 0 without gaps." : null;
        }
        // the library's reader says in many ways that bytes are no model
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException or NotSupportedException or IndexOutOfRangeException or OverflowException or NullReferenceException)
        {
            return e.Message;
        }
    }

    public override void AddTokens(ReadOnlySpan<char> text, int most, List<int> ids, List<TokenPlace>? places = null)
    {
        if (text.IsEmpty || most <= 0)
            return;
        var whole = Valid(text);
        // SentencePiece finds nothing in spaces where it removes them, but the library a space
        if (removesSpaces && whole.AsSpan().Trim(' ').IsEmpty)
            return;
        var normal = library.Normalizer?.Normalize(whole) ?? whole;
        // the library takes one character for none, where it removes spaces around a text
        if (normal.Length == 0 && whole.Trim(' ') is { Length: 1 } one)
            normal = library.AddDummyPrefix ? library.TreatWhitespaceAsSuffix ? one + Space : Space + one : one;
        if (normal.Length == 0)
            return;
        var origins = places is null ? null : SentencePieceOrigins.Of(whole, normal, Space);
        foreach (var token in library.EncodeToTokens(normal, out _, addBeginningOfSentence: false, addEndOfSentence: false, considerPreTokenization: false, considerNormalization: false))
        {
            if (most-- <= 0)
                return;
            ids.Add(token.Id);
            places?.Add(PlaceOf(token.Offset.Start.Value, token.Offset.End.Value, origins!, normal, places.Count > 0 ? places[^1].Start : 0));
        }
    }

    public override string TokenOf(int id) => pieces[id];

    public override string Decode(IEnumerable<int> ids) => library.Decode(ids.Where(id => !hidden.Contains(id))) ?? "";

    // halves of surrogate pairs are no text: U+FFFD, which is as long
    private static string Valid(ReadOnlySpan<char> text)
    {
        var copy = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            copy.Append(rune);
        return copy.ToString();
    }

    private TokenPlace PlaceOf(int start, int end, (int Start, int End)[] origins, string normal, int before)
    {
        // the space before a word is not the word
        if (end - start > 1 && normal[start] == Space)
            start++;
        if (start >= origins.Length || end <= start)
            return new TokenPlace(before, 0);
        return new TokenPlace(origins[start].Start, Math.Max(0, origins[Math.Min(end, origins.Length) - 1].End - origins[start].Start));
    }

    private static SpecialTokens SpecialOf(SentencePieceTokenizer library, bool addsStart, bool addsEnd)
    {
        int? Of(string name) => library.Vocabulary.TryGetValue(name, out var id) ? id : null;
        var (start, end) = (Of("[CLS]") ?? Of(library.BeginningOfSentenceToken), Of("[SEP]") ?? Of(library.EndOfSentenceToken));
        return new SpecialTokens
        {
            Start = addsStart ? start : null, Separator = addsEnd ? end : null, EndOfText = end, Unknown = Of(library.UnknownToken), Padding = Of("<pad>"), Mask = Of("[MASK]") ?? Of("<mask>"),
        };
    }
}
