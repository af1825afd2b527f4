namespace MLNet.DeepExtensions;

/// <summary>Counts words in bounded memory: where too many are different, those that were seen least often are forgotten.</summary>
/// <param name="most">How many are kept at most.</param>
internal sealed class WordCounts(int most = 1 << 20)
{
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);
    private long forgotten;

    public void Add(ReadOnlySpan<char> word, long times = 1)
    {
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts.GetAlternateLookup<ReadOnlySpan<char>>(), word, out _) += times;
        while (counts.Count > most)
        {
            forgotten++;
            foreach (var (seldom, count) in counts)
                if (count <= forgotten)
                    counts.Remove(seldom);
        }
    }

    /// <summary>The words, the most frequent first; of equally frequent ones, in the order of their characters.</summary>
    public IReadOnlyList<(string Word, long Count)> ByCount() =>
        [.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value))];
}
