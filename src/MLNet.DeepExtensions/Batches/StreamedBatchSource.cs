using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Batches from rows that are more than may be kept: each epoch reads the source anew, and a pool of rows mixes them. A row that comes takes the place of a random one,
/// which leaves. Reading is parallel, yet the order depends on the seed and the epoch alone.
/// </summary>
internal sealed class StreamedBatchSource : SlabBatchSource
{
    private readonly RowSource source;
    private readonly int threads;
    private readonly int? shuffleSeed;
    private readonly TrainingRows? pool;
    private readonly int poolRows;
    private readonly Action everyFewRows;
    private long rows;

    /// <param name="source">What to read.</param>
    /// <param name="expectedRows">The rows in an epoch, where they are known.</param>
    /// <param name="poolBytes">What the pool may take.</param>
    /// <param name="batchSize">Rows in a batch; the last one of an epoch may have fewer.</param>
    /// <param name="shuffleSeed">Seeds the order of each epoch together with its number; null keeps the source's own order.</param>
    /// <param name="threads">How many threads read.</param>
    /// <param name="device">Where the batches are wanted.</param>
    /// <param name="everyFewRows">Is called now and then and may throw.</param>
    public StreamedBatchSource(RowSource source, long? expectedRows, long poolBytes, int batchSize, int? shuffleSeed, int threads, Device device, Action everyFewRows)
        : base(source.Kind, expectedRows, batchSize, device)
    {
        (this.source, this.shuffleSeed, this.threads, this.everyFewRows) = (source, shuffleSeed, threads, everyFewRows);
        rows = expectedRows ?? 0;
        var rowBytes = source.Kind.Inputs.BatchBytesPerRow + 16;
        poolRows = (int)Math.Clamp(poolBytes / rowBytes, 1, 1 << 24);
        pool = shuffleSeed is null ? null : source.Kind.NewLike(null, poolRows);
    }

    /// <summary>Gets the rows in an epoch: what the source states until one has been read.</summary>
    public override long Rows => rows;

    /// <summary>Gets what the last epoch left out.</summary>
    public SkippedRows Skipped { get; private set; } = new();

    /// <summary>Gets the rows that are mixed at a time; 0 where they keep their order.</summary>
    public int PoolRows => pool is null ? 0 : poolRows;

    protected override Filler Begin(int epoch)
    {
        pool?.Clear();
        Skipped = new SkippedRows();
        var seed = shuffleSeed is { } own ? unchecked(own * 397 ^ epoch) : 0;
        // the source's own shuffling, where it has one, reaches further than the pool
        var blocks = RowBlocks.Read(source, Skipped, threads, shuffleSeed is null ? null : new Random(seed), everyFewRows);
        return new Mixed(this, blocks.GetEnumerator(), new SeededRandom(seed));
    }

    private sealed class Mixed(StreamedBatchSource owner, IEnumerator<RowBlock> blocks, SeededRandom random) : Filler
    {
        private TrainingRows? block;
        private long inBlock;
        private long given;
        private int[]? rest;
        private int nextOfRest;

        // the pool's dice must fall as they did
        public override void Skip(long rows, Slab scratch)
        {
            while (given < rows && Give(scratch, 0))
                given++;
        }

        public override int Fill(Slab slab)
        {
            var count = 0;
            while (count < slab.Rows && Give(slab, count))
                count++;
            given += count;
            if (count < slab.Rows)
                owner.rows = given;
            return count;
        }

        public override void Dispose() => blocks.Dispose();

        private bool Give(Slab slab, int place)
        {
            while (Advance())
            {
                if (owner.pool is not { } pool)
                {
                    slab.Put(place, block!, inBlock);
                    return true;
                }
                if (pool.Count < owner.poolRows)
                {
                    pool.AddFrom(block!, inBlock);
                    continue;
                }
                var leaving = random.Below(owner.poolRows);
                slab.Put(place, pool, leaving);
                pool.ReplaceFrom(leaving, block!, inBlock);
                return true;
            }
            if (owner.pool is not { } left)
                return false;
            rest ??= random.Permutation((int)left.Count);
            if (nextOfRest == rest.Length)
                return false;
            slab.Put(place, left, rest[nextOfRest++]);
            return true;
        }

        private bool Advance()
        {
            if (rest is not null)
                return false;
            while (block is null || ++inBlock >= block.Count)
            {
                if (!blocks.MoveNext())
                    return false;
                (block, inBlock) = (blocks.Current.Rows, -1);
            }
            return true;
        }
    }
}
