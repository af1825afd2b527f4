using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>Cuts texts into word pieces: Google's WordpieceTokenizer over a trie, so that a word is walked along once for each of its pieces.</summary>
internal sealed class WordPieceEncoder : TextEncoder
{
    private readonly IReadOnlyList<string> vocabulary;
    private readonly BertRules rules;
    private readonly PieceTrie pieces = new();
    private readonly int begins, continues, unknown;
    private readonly HashSet<int> hidden;

    // words of one character, as ideographs and punctuation are
    private readonly int[] alone = new int[char.MaxValue + 1];

    public WordPieceEncoder(IReadOnlyList<string> vocabulary, BertRules rules) : base(SpecialOf(vocabulary))
    {
        (this.vocabulary, this.rules) = (vocabulary, rules);
        (begins, continues, unknown) = (pieces.AddRoot(), pieces.AddRoot(), Special.Unknown!.Value);
        hidden = [.. Special.All];
        Array.Fill(alone, unknown);
        for (var i = 0; i < vocabulary.Count; i++)
        {
            var token = vocabulary[i];
            if (token.Length == 1)
                alone[token[0]] = i;
            if (token.Length > WordPiece.Continues.Length && token.StartsWith(WordPiece.Continues, StringComparison.Ordinal))
                pieces.Add(continues, token.AsSpan(WordPiece.Continues.Length), i);
            if (token.Length > 0)
                pieces.Add(begins, token, i);
        }
    }

    public override int Count => vocabulary.Count;

    public override void AddTokens(ReadOnlySpan<char> text, int most, List<int> ids, List<TokenPlace>? places = null)
    {
        var full = (int)Math.Min((long)ids.Count + most, int.MaxValue);
        var words = rules.Read(text, BertBuffer.Mine);
        while (ids.Count < full && words.MoveNext())
        {
            var word = words.Word;
            if (word.Length == 1)
            {
                ids.Add(alone[word[0]]);
                places?.Add(new TokenPlace(words.Start, words.End - words.Start));
            }
            else if (words.IsTooLong || !AddPieces(word, text, words.Origins, full, ids, places))
            {
                ids.Add(unknown);
                places?.Add(new TokenPlace(words.Start, words.End - words.Start));
            }
        }
    }

    public override string TokenOf(int id) => vocabulary[id];

    public override string Decode(IEnumerable<int> ids)
    {
        var text = new StringBuilder();
        foreach (var id in ids)
        {
            if (hidden.Contains(id))
                continue;
            var token = vocabulary[id];
            if (token.Length > WordPiece.Continues.Length && token.StartsWith(WordPiece.Continues, StringComparison.Ordinal))
                text.Append(token, WordPiece.Continues.Length, token.Length - WordPiece.Continues.Length);
            else
                text.Append(text.Length > 0 && IsSpaceBetween(text[^1], token) ? " " : "").Append(token);
        }
        return text.ToString();
    }

    /// <summary>Adds a word's pieces; none, where it cannot be put together of pieces.</summary>
    private bool AddPieces(ReadOnlySpan<char> word, ReadOnlySpan<char> text, ReadOnlySpan<int> origins, int full, List<int> ids, List<TokenPlace>? places)
    {
        var first = ids.Count;
        for (var at = 0; at < word.Length;)
        {
            var id = pieces.Longest(at == 0 ? begins : continues, word[at..], out var length);
            if (id < 0)
            {
                ids.RemoveRange(first, ids.Count - first);
                places?.RemoveRange(first, places.Count - first);
                return false;
            }
            ids.Add(id);
            if (places is not null)
            {
                var last = origins[at + length - 1];
                places.Add(new TokenPlace(origins[at], last - origins[at] + (char.IsHighSurrogate(text[last]) ? 2 : 1)));
            }
            at += length;
        }
        if (ids.Count > full)
        {
            places?.RemoveRange(full, ids.Count - full);
            ids.RemoveRange(full, ids.Count - full);
        }
        return true;
    }

    // neither beside ideographs nor before what ends a sentence
    private static bool IsSpaceBetween(char before, string token) => !IsIdeograph(before) && token is not ("." or "," or "!" or "?") && !(token.Length > 0 && IsIdeograph(token[0]));

    private static bool IsIdeograph(char character) =>
        CharacterKinds.Of(character).HasFlag(CharacterKind.Ideograph) || character is (>= '\u3000' and <= '\u303F') or (>= '\uFF00' and <= '\uFFEF');

    private static SpecialTokens SpecialOf(IReadOnlyList<string> vocabulary)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < vocabulary.Count; i++)
            if (WordPiece.SpecialNames.Contains(vocabulary[i]))
                numbers[vocabulary[i]] = i;
        int? Of(string name) => numbers.TryGetValue(name, out var number) ? number : null;
        return new SpecialTokens
        {
            Padding = Of("[PAD]"), Unknown = Of(WordPiece.Unknown) ?? throw new ArgumentException("The vocabulary of word pieces lacks [UNK]."),
            Start = Of("[CLS]"), Separator = Of("[SEP]"), Mask = Of("[MASK]"), EndOfText = Of("[SEP]"),
        };
    }
}
