namespace MLNet.DeepExtensions;

/// <summary>Merges a word's bytes: again and again all places of the neighbours whose merge was learnt first, from left to right (OpenAI's encoder.py).</summary>
internal sealed class BytePairs
{
    // below it, looking at all neighbours anew is faster than a queue of them
    internal const int Short = 48;

    private readonly int[] idOfByte;
    private readonly ulong[] keys;                      // left and right, in one table with open addressing
    private readonly (int Rank, int Merged)[] merges;

    public BytePairs(int[] idOfByte, IEnumerable<(int Left, int Right, int Merged)> merges)
    {
        this.idOfByte = idOfByte;
        var all = merges.ToList();
        keys = new ulong[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * all.Count + 1))];
        this.merges = new (int, int)[keys.Length];
        for (var rank = 0; rank < all.Count; rank++)
        {
            var slot = SlotOf(all[rank].Left, all[rank].Right);
            // a merge that is written twice counts where it stands first
            if (keys[slot] != 0)
                continue;
            keys[slot] = KeyOf(all[rank].Left, all[rank].Right);
            this.merges[slot] = (rank, all[rank].Merged);
        }
    }

    /// <summary>Adds the tokens that are left when nothing can be merged any more.</summary>
    public void Merge(ReadOnlySpan<byte> word, List<int> ids)
    {
        if (word.Length <= Short)
            MergeShort(word, ids);
        else
            MergeLong(word, ids);
    }

    internal void MergeShort(ReadOnlySpan<byte> word, List<int> ids)
    {
        Span<int> symbols = stackalloc int[word.Length];
        Span<int> ranks = stackalloc int[word.Length];         // of each symbol with the one behind it
        Span<int> merged = stackalloc int[word.Length];
        for (var i = 0; i < word.Length; i++)
            symbols[i] = idOfByte[word[i]];
        var count = word.Length;
        for (var i = 0; i + 1 < count; i++)
            (ranks[i], merged[i]) = Find(symbols[i], symbols[i + 1]);
        while (count > 1)
        {
            var best = int.MaxValue;
            for (var i = 0; i + 1 < count; i++)
                best = Math.Min(best, ranks[i]);
            if (best == int.MaxValue)
                break;
            var kept = 0;
            for (var i = 0; i < count; i++)
                if (i + 1 < count && ranks[i] == best)
                    symbols[kept++] = merged[i++];
                else
                    symbols[kept++] = symbols[i];
            count = kept;
            for (var i = 0; i + 1 < count; i++)
                (ranks[i], merged[i]) = Find(symbols[i], symbols[i + 1]);
        }
        foreach (var symbol in symbols[..count])
            ids.Add(symbol);
    }

    internal void MergeLong(ReadOnlySpan<byte> word, List<int> ids)
    {
        var symbols = new int[word.Length];
        var (before, behind) = (new int[word.Length], new int[word.Length]);     // neighbours; a symbol that was merged into another is -1
        var queue = new PriorityQueue<(int At, int Left, int Right, int Merged), (int Rank, int At)>();
        for (var i = 0; i < word.Length; i++)
            (symbols[i], before[i], behind[i]) = (idOfByte[word[i]], i - 1, i + 1);
        for (var i = 0; i + 1 < word.Length; i++)
            Offer(i);
        var changed = new List<int>();
        while (queue.TryPeek(out _, out var first))
        {
            // all places of one merge, before what comes of them is looked at
            changed.Clear();
            while (queue.TryPeek(out var pair, out var next) && next.Rank == first.Rank)
            {
                queue.Dequeue();
                var right = behind[pair.At];
                if (symbols[pair.At] != pair.Left || right == word.Length || symbols[right] != pair.Right)
                    continue;
                symbols[pair.At] = pair.Merged;
                symbols[right] = -1;
                behind[pair.At] = behind[right];
                if (behind[right] < word.Length)
                    before[behind[right]] = pair.At;
                changed.Add(pair.At);
            }
            foreach (var at in changed)
            {
                Offer(at);
                if (before[at] >= 0)
                    Offer(before[at]);
            }
        }
        for (var at = 0; at < word.Length; at = behind[at])
            ids.Add(symbols[at]);

        void Offer(int at)
        {
            if (behind[at] < symbols.Length && Find(symbols[at], symbols[behind[at]]) is { Rank: < int.MaxValue } found)
                queue.Enqueue((at, symbols[at], symbols[behind[at]], found.Merged), (found.Rank, at));
        }
    }

    private (int Rank, int Merged) Find(int left, int right)
    {
        var slot = SlotOf(left, right);
        return keys[slot] == 0 ? (int.MaxValue, -1) : merges[slot];
    }

    private static ulong KeyOf(int left, int right) => ((ulong)left + 1) << 32 | (uint)right;

    private int SlotOf(int left, int right)
    {
        var key = KeyOf(left, right);
        var mask = keys.Length - 1;
        var slot = (int)((key * 0x9E3779B97F4A7C15) >> 32) & mask;
        while (keys[slot] != 0 && keys[slot] != key)
            slot = slot + 1 & mask;
        return slot;
    }
}
