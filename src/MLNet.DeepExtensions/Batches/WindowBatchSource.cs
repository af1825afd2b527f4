using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Batches of windows, each epoch in an order of its own, which is computed and not kept: beside the series there is nothing but the batches.</summary>
/// <param name="set">The windows; at least one.</param>
/// <param name="batchSize">Windows in a batch; the last one of an epoch may have fewer.</param>
/// <param name="shuffleSeed">Seeds the order of each epoch together with its number; null keeps the order of time.</param>
/// <param name="device">Where the batches are wanted.</param>
internal class WindowBatchSource(RowSet set, int batchSize, int? shuffleSeed, Device device) : SlabBatchSource(set.Rows, set.Count, batchSize, device)
{
    public override long Rows => set.Count;

    protected override Filler Begin(int epoch) => new InOrder(set, shuffleSeed is { } seed ? new Permutation(set.Count, unchecked(seed * 397 ^ epoch)) : null);

    private sealed class InOrder(RowSet set, Permutation? order) : Filler
    {
        private int next;

        public override void Skip(long rows, Slab scratch) => next = (int)Math.Min(set.Count, rows);

        public override int Fill(Slab slab)
        {
            var count = Math.Min(slab.Rows, set.Count - next);
            for (var i = 0; i < count; i++)
                slab.Put(i, set.Rows, set[order?[next + i] ?? next + i]);
            next += count;
            return count;
        }
    }
}
