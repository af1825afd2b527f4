namespace MLNet.DeepExtensions;

/// <summary>
/// Learns word pieces: the characters that occur often enough, then byte-pair merges of what stands side by side within words, until the vocabulary is full. What begins a word and what goes on in one are different symbols.
/// </summary>
internal sealed class WordPieceLearner(WordPiece settings)
{
    public IReadOnlyList<string> Learn(IEnumerable<string> texts)
    {
        var counted = Count(texts).ByCount();
        var vocabulary = new List<string>(WordPiece.SpecialNames);
        var numbers = vocabulary.Select((token, i) => (token, i)).ToDictionary(pair => pair.token, pair => pair.i, StringComparer.Ordinal);
        foreach (var character in Characters(counted).Take(settings.VocabularySize - vocabulary.Count))
            Number(character);

        var words = new List<(List<int> Symbols, long Count)>();
        foreach (var (word, count) in counted)
        {
            // a word with a character that is too rare is [UNK] as a whole: nothing is learnt from it
            var symbols = CharactersOf(word).Select(character => numbers.GetValueOrDefault(character, -1)).ToList();
            if (symbols.Count > 1 && !symbols.Contains(-1))
                words.Add((symbols, count));
        }
        new PairMerges(words).Learn(settings.MinimumCount, (left, right) =>
        {
            var merged = vocabulary[left] + vocabulary[right][WordPiece.Continues.Length..];
            return numbers.TryGetValue(merged, out var known) ? known : vocabulary.Count < settings.VocabularySize ? Number(merged) : null;
        });
        return vocabulary;

        int Number(string token)
        {
            numbers.TryAdd(token, vocabulary.Count);
            vocabulary.Add(token);
            return vocabulary.Count - 1;
        }
    }

    private WordCounts Count(IEnumerable<string> texts)
    {
        var (counts, rules) = (new WordCounts(), settings.Rules);
        foreach (var text in texts)
        {
            var words = rules.Read(text, BertBuffer.Mine);
            while (words.MoveNext())
                if (!words.IsTooLong)
                    counts.Add(words.Word);
        }
        return counts;
    }

    private IEnumerable<string> Characters(IEnumerable<(string Word, long Count)> words)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (word, count) in words)
            foreach (var character in CharactersOf(word))
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, character, out _) += count;
        return counts.Where(pair => pair.Value >= settings.MinimumCount).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key);
    }

    private static IEnumerable<string> CharactersOf(string word)
    {
        var isFirst = true;
        foreach (var rune in word.EnumerateRunes())
        {
            yield return isFirst ? rune.ToString() : WordPiece.Continues + rune;
            isFirst = false;
        }
    }
}
