using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Batches from rows that a background thread puts into one of two slabs of native memory, many small batches at once,
/// while the network works on the other; a batch is then a view of its slab, and on a GPU one transfer serves many batches.
/// </summary>
internal abstract class SlabBatchSource : IBatchSource, IDisposable
{
    // enough to make the hand-over between threads rare, small enough to stay in the processor's cache
    private const int SlabBytes = 1 << 20;

    private readonly Device device;
    private readonly Slab[] slabs;
    private bool isReading;

    /// <param name="like">Rows of the kind that will come.</param>
    /// <param name="rows">The rows in an epoch, where they are known.</param>
    /// <param name="batchSize">Rows in a batch; the last one of an epoch may have fewer.</param>
    /// <param name="device">Where the batches are wanted.</param>
    protected SlabBatchSource(TrainingRows like, long? rows, int batchSize, Device device)
    {
        (BatchSize, this.device) = (batchSize, device);
        var batchBytes = batchSize * like.Inputs.BatchBytesPerRow;
        var slabRows = batchSize * Math.Max(1, SlabBytes / Math.Max(1, batchBytes));
        if (rows is { } known)
            slabRows = Math.Min(slabRows, (known + batchSize - 1) / batchSize * batchSize);
        slabs = [new Slab(like, (int)slabRows), new Slab(like, (int)slabRows)];
    }

    public abstract long Rows { get; }

    public int BatchSize { get; }

    public IEnumerable<Batch> Read(int epoch, int skip = 0)
    {
        // two readers would write over each other's rows
        if (isReading)
            throw new InvalidOperationException("These batches are being read already. A callback may go through TrainingBatches between epochs (OnEpochBegin, OnEpochEnd, OnTrainEnd), not within one.");
        isReading = true;
        try
        {
            foreach (var batch in ReadSlabs(epoch, skip))
                yield return batch;
        }
        finally
        {
            isReading = false;
        }
    }

    private IEnumerable<Batch> ReadSlabs(int epoch, int skip)
    {
        using var filler = Begin(epoch);
        filler.Skip((long)skip * BatchSize, slabs[0]);
        var filling = Task.Run(() => Fill(filler, slabs[0]));
        try
        {
            for (var number = 0; filling.GetAwaiter().GetResult() is > 0 and var count; number++)
            {
                var slab = slabs[number % 2];
                var other = slabs[(number + 1) % 2];
                filling = count < slab.Rows ? Task.FromResult(0) : Task.Run(() => Fill(filler, other));
                using var held = device.type == DeviceType.CPU ? null : slab.To(device);
                for (var first = 0; first < count; first += BatchSize)
                    yield return (held ?? slab).View(first, Math.Min(BatchSize, count - first));
            }
        }
        finally
        {
            // a reader that stops early must not leave a writer behind on memory that may be freed
            Task.WhenAny(filling).GetAwaiter().GetResult();
        }
    }

    private int Fill(Filler filler, Slab slab)
    {
        var count = filler.Fill(slab);
        slab.Seal(count, BatchSize);
        return count;
    }

    public virtual void Dispose()
    {
        foreach (var slab in slabs)
            slab.Dispose();
    }

    /// <summary>Starts an epoch.</summary>
    protected abstract Filler Begin(int epoch);

    /// <summary>Gives an epoch's rows one after the other.</summary>
    protected abstract class Filler : IDisposable
    {
        /// <summary>Fills a slab, or as much of it as rows remain.</summary>
        /// <returns>How many rows it took.</returns>
        public abstract int Fill(Slab slab);

        /// <summary>Passes rows over.</summary>
        /// <param name="rows">How many, whole batches of them.</param>
        /// <param name="scratch">A slab that may be written on.</param>
        public abstract void Skip(long rows, Slab scratch);

        public virtual void Dispose() { }
    }
}
