namespace MLNet.DeepExtensions;

/// <summary>
/// Finds where the characters of a normalised text come from: word by word. A word that kept its length is matched character by character, another one as a whole; where not even the words match, it is the text.
/// </summary>
internal static class SentencePieceOrigins
{
    /// <summary>The place in the text of each character of the normalised one.</summary>
    public static (int Start, int End)[] Of(string text, string normal, char space)
    {
        var origins = new (int Start, int End)[normal.Length];
        var (words, normalWords) = (Words(text, character => CharacterKinds.Of(character).HasFlag(CharacterKind.WhiteSpace)), Words(normal, character => character == space));
        if (words.Count != normalWords.Count)
        {
            Array.Fill(origins, (0, text.Length));
            return origins;
        }
        for (int i = 0, at = 0, behind = 0; i <= words.Count; i++)
        {
            var (word, normalWord) = i < words.Count ? (words[i], normalWords[i]) : ((text.Length, text.Length), (normal.Length, normal.Length));
            origins.AsSpan(at, normalWord.Item1 - at).Fill((behind, word.Item1));
            for (at = normalWord.Item1; at < normalWord.Item2; at++)
                origins[at] = word.Item2 - word.Item1 == normalWord.Item2 - normalWord.Item1 ? (word.Item1 + at - normalWord.Item1, word.Item1 + at - normalWord.Item1 + 1) : word;
            behind = word.Item2;
        }
        return origins;
    }

    private static List<(int Start, int End)> Words(string text, Predicate<char> isSpace)
    {
        var words = new List<(int, int)>();
        for (int start = 0, at = 0; at <= text.Length; at++)
            if (at == text.Length || isSpace(text[at]))
            {
                if (at > start)
                    words.Add((start, at));
                start = at + 1;
            }
        return words;
    }
}
