using System.Runtime.InteropServices;

namespace MLNet.DeepExtensions;

/// <summary>
/// Learns which neighbours belong together (byte-pair encoding; Sennrich et al. 2016): again and again, the pair of symbols that stands side by side most often becomes one symbol.
/// The same words give the same merges: of equally frequent pairs, the one with the smaller symbols comes first.
/// </summary>
/// <param name="words">Each word's symbols and how often it occurs. They are merged in place.</param>
internal sealed class PairMerges(IReadOnlyList<(List<int> Symbols, long Count)> words)
{
    private readonly Dictionary<(int, int), long> counts = [];
    private readonly Dictionary<(int, int), HashSet<int>> places = [];
    private readonly PriorityQueue<(int Left, int Right), (long, int, int)> queue = new();

    /// <summary>Merges until there is enough or nothing frequent enough is left.</summary>
    /// <param name="least">How often a pair must occur.</param>
    /// <param name="merge">Is told of a pair that became one, and gives the symbol that both are; null ends it.</param>
    public void Learn(long least, Func<int, int, int?> merge)
    {
        for (var i = 0; i < words.Count; i++)
            for (var k = 0; k + 1 < words[i].Symbols.Count; k++)
                Change(words[i].Symbols[k], words[i].Symbols[k + 1], words[i].Count, i);
        foreach (var (pair, count) in counts)
            queue.Enqueue(pair, Rank(pair, count));
        while (queue.TryDequeue(out var pair, out var rank))
        {
            var count = counts.GetValueOrDefault(pair);
            if (count < least)
                continue;
            // counts change while pairs wait: one that fell waits again
            if (rank != Rank(pair, count))
            {
                queue.Enqueue(pair, Rank(pair, count));
                continue;
            }
            if (merge(pair.Left, pair.Right) is not { } symbol)
                return;
            Merge(pair, symbol);
        }
    }

    private static (long, int, int) Rank((int Left, int Right) pair, long count) => (-count, pair.Left, pair.Right);

    private void Merge((int Left, int Right) pair, int symbol)
    {
        counts.Remove(pair);
        places.Remove(pair, out var where);
        var grown = new HashSet<(int, int)>();
        foreach (var number in where!)
        {
            var (symbols, count) = words[number];
            for (var k = 0; k + 1 < symbols.Count; k++)
            {
                if (symbols[k] != pair.Left || symbols[k + 1] != pair.Right)
                    continue;
                if (k > 0)
                {
                    Change(symbols[k - 1], pair.Left, -count, number);
                    Change(symbols[k - 1], symbol, count, number);
                    grown.Add((symbols[k - 1], symbol));
                }
                if (k + 2 < symbols.Count)
                {
                    Change(pair.Right, symbols[k + 2], -count, number);
                    Change(symbol, symbols[k + 2], count, number);
                    grown.Add((symbol, symbols[k + 2]));
                }
                symbols[k] = symbol;
                symbols.RemoveAt(k + 1);
            }
        }
        counts.Remove(pair);
        foreach (var newer in grown)
            if (counts.TryGetValue(newer, out var count) && count > 0)
                queue.Enqueue(newer, Rank(newer, count));
    }

    private void Change(int left, int right, long by, int word)
    {
        var pair = (left, right);
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, pair, out _);
        count += by;
        if (by <= 0)
            return;
        ref var where = ref CollectionsMarshal.GetValueRefOrAddDefault(places, pair, out _);
        (where ??= []).Add(word);
    }
}
