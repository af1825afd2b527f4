using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>Learns byte-pair merges from texts that are cut into words as GPT-2 cuts them.</summary>
internal sealed class ByteLevelLearner(ByteLevelBpe settings)
{
    public (IReadOnlyList<string> Vocabulary, IReadOnlyList<string> Merges) Learn(IEnumerable<string> texts)
    {
        var counts = new WordCounts();
        foreach (var text in texts)
            for (var rest = (settings.AddsSpaceBefore && text is [not ' ', ..] ? " " + text : text).AsSpan(); rest.Length > 0;)
            {
                var length = GptWords.Next(rest);
                // what is longer than any word is not worth a merge, and would be kept as a whole
                if (length <= 256)
                    counts.Add(rest[..length]);
                rest = rest[length..];
            }
        var vocabulary = Enumerable.Range(0, 256).Select(value => ByteAlphabet.LetterOf((byte)value).ToString()).ToList();
        var numbers = vocabulary.Select((token, i) => (token, i)).ToDictionary(pair => pair.token, pair => pair.i, StringComparer.Ordinal);
        var merges = new List<string>();
        var words = counts.ByCount().Select(pair => (Encoding.UTF8.GetBytes(pair.Word).Select(value => (int)value).ToList(), pair.Count)).ToList();
        new PairMerges(words).Learn(settings.MinimumCount, (left, right) =>
        {
            var merged = vocabulary[left] + vocabulary[right];
            if (!numbers.TryGetValue(merged, out var number))
            {
                if (vocabulary.Count + 1 >= settings.VocabularySize)
                    return null;
                number = vocabulary.Count;
                numbers.Add(merged, number);
                vocabulary.Add(merged);
            }
            merges.Add($"{vocabulary[left]} {vocabulary[right]}");
            return number;
        });
        return ([.. vocabulary, ByteLevelBpe.EndOfText], merges);
    }
}
