using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Batches from rows in memory, each epoch in an order of its own.</summary>
internal sealed class CachedBatchSource : SlabBatchSource
{
    private readonly RowSet set;
    private readonly int? shuffleSeed;
    private readonly int[] order;
    private readonly IReadOnlyList<RowStore> lengths;
    private readonly SampledOrder? sampled;

    /// <param name="set">What to read; at least one row.</param>
    /// <param name="batchSize">Rows in a batch; the last one of an epoch may have fewer.</param>
    /// <param name="shuffleSeed">Seeds the order of each epoch together with its number; null keeps the rows' own order.</param>
    /// <param name="byLength">Whether rows of like length share a batch, where rows differ.</param>
    /// <param name="device">Where the batches are wanted.</param>
    public CachedBatchSource(RowSet set, int batchSize, int? shuffleSeed, bool byLength, Device device) : base(set.Rows, set.Count, batchSize, device)
    {
        (this.set, this.shuffleSeed) = (set, shuffleSeed);
        order = new int[set.Count];
        lengths = byLength ? [.. set.Rows.Inputs.Columns.Where(column => column.IsRagged)] : [];
    }

    /// <param name="set">What to read; at least one row.</param>
    /// <param name="sampled">Which rows each epoch takes.</param>
    /// <param name="device">Where the batches are wanted.</param>
    public CachedBatchSource(RowSet set, SampledOrder sampled, Device device) : base(set.Rows, sampled.Rows, sampled.BatchSize, device) =>
        (this.set, this.sampled, order, lengths) = (set, sampled, [], []);

    public override long Rows => sampled?.Rows ?? set.Count;

    protected override Filler Begin(int epoch)
    {
        if (sampled is not null)
            return new InOrder(set.Rows, sampled.Draw(epoch));
        set.CopyIndices(order);
        var random = shuffleSeed is { } seed ? new SeededRandom(unchecked(seed * 397 ^ epoch)) : null;
        random?.Shuffle<int>(order);
        if (lengths.Count > 0)
            LengthBuckets.Arrange(order, row => lengths.Max(column => column.LengthOf(row)), BatchSize, random);
        return new InOrder(set.Rows, order);
    }

    private sealed class InOrder(TrainingRows rows, int[] order) : Filler
    {
        private int next;

        public override void Skip(long rows, Slab scratch) => next = (int)Math.Min(order.Length, rows);

        public override int Fill(Slab slab)
        {
            var count = Math.Min(slab.Rows, order.Length - next);
            for (var i = 0; i < count; i++)
                slab.Put(i, rows, order[next + i]);
            next += count;
            return count;
        }
    }
}
