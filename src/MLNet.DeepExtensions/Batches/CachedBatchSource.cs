using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Batches from rows in memory. A background thread gathers the rows of many small batches at once into one of two slabs of native memory
/// while the network works on the other; a batch is then a view of its slab, and on a GPU one transfer serves many batches.
/// </summary>
internal sealed class CachedBatchSource : IBatchSource, IDisposable
{
    // enough to make the hand-over between threads rare, small enough to stay in the processor's cache
    private const int SlabBytes = 1 << 20;

    private readonly RowSet set;
    private readonly int batchSize;
    private readonly int seed;
    private readonly bool shuffle;
    private readonly Device device;
    private readonly int slabRows;
    private readonly Slab[] slabs;
    private readonly int[] order;

    /// <param name="set">What to read; at least one row.</param>
    /// <param name="batchSize">Rows in a batch; the last one of an epoch may have fewer.</param>
    /// <param name="shuffleSeed">Seeds the order of each epoch together with its number; null keeps the rows' own order.</param>
    /// <param name="device">Where the batches are wanted.</param>
    public CachedBatchSource(RowSet set, int batchSize, int? shuffleSeed, Device device)
    {
        (this.set, this.batchSize, this.device) = (set, batchSize, device);
        var rows = set.Rows;
        (shuffle, seed) = (shuffleSeed is not null, shuffleSeed ?? 0);
        order = new int[set.Count];
        var batchBytes = (long)batchSize * rows.Features.RowLength * SizeOf(rows.Features.Elements);
        slabRows = (int)Math.Min(batchSize * Math.Max(1, SlabBytes / Math.Max(1, batchBytes)), ((long)set.Count + batchSize - 1) / batchSize * batchSize);
        slabs = [new Slab(rows, slabRows), new Slab(rows, slabRows)];
    }

    public long Rows => set.Count;

    public int BatchSize => batchSize;

    public IEnumerable<Batch> Read(int epoch)
    {
        set.CopyIndices(order);
        if (shuffle)
            new SeededRandom(unchecked(seed * 397 ^ epoch)).Shuffle(order);

        var filling = Gather(0);
        try
        {
            for (var start = 0; start < order.Length; start += slabRows)
            {
                filling.GetAwaiter().GetResult();
                var slab = slabs[start / slabRows % 2];
                var count = Math.Min(slabRows, order.Length - start);
                if (start + slabRows < order.Length)
                    filling = Gather(start + slabRows);
                using var held = device.type == DeviceType.CPU ? null : slab.To(device);
                for (var first = 0; first < count; first += batchSize)
                    yield return (held ?? slab).View(first, Math.Min(batchSize, count - first));
            }
        }
        finally
        {
            // a reader that stops early must not leave a writer behind on memory that may be freed
            filling.GetAwaiter().GetResult();
        }
    }

    public void Dispose()
    {
        foreach (var slab in slabs)
            slab.Dispose();
    }

    private Task Gather(int start) => Task.Run(() =>
        slabs[start / slabRows % 2].Fill(set.Rows, order.AsSpan(start, Math.Min(slabRows, order.Length - start))));

    private static int SizeOf(ElementKind elements) => elements switch
    {
        ElementKind.UInt8 => sizeof(byte),
        ElementKind.Float32 => sizeof(float),
        _ => sizeof(long),
    };

    /// <summary>Memory for the rows of some batches: [rows, …] tensors of features, targets and weights.</summary>
    private sealed class Slab : IDisposable
    {
        private readonly Tensor input;
        private readonly Tensor target;
        private readonly Tensor? weight;

        public Slab(TrainingRows rows, int count)
        {
            using var _ = NewDisposeScope();
            input = Allocate(rows.Features, count).DetachFromDisposeScope();
            target = Allocate(rows.Targets, count).DetachFromDisposeScope();
            weight = rows.Weights is { } weights ? Allocate(weights, count).DetachFromDisposeScope() : null;
        }

        private Slab(Tensor input, Tensor target, Tensor? weight) => (this.input, this.target, this.weight) = (input, target, weight);

        public void Fill(TrainingRows rows, ReadOnlySpan<int> order)
        {
            Gather(rows.Features, input, order);
            Gather(rows.Targets, target, order);
            if (weight is not null)
                Gather(rows.Weights!, weight, order);
        }

        public Slab To(Device device) => new(
            input.to(device).DetachFromDisposeScope(), target.to(device).DetachFromDisposeScope(), weight?.to(device).DetachFromDisposeScope());

        public Batch View(int first, int count) => new(
            input.narrow(0, first, count), target.narrow(0, first, count), weight?.narrow(0, first, count), count);

        public void Dispose()
        {
            input.Dispose();
            target.Dispose();
            weight?.Dispose();
        }

        // a row of one value is a scalar per row: [rows]
        private static Tensor Allocate(RowStore store, int count)
        {
            var type = store.Elements switch { ElementKind.UInt8 => ScalarType.Byte, ElementKind.Float32 => ScalarType.Float32, _ => ScalarType.Int64 };
            return store.RowLength == 1 && store.Elements != ElementKind.UInt8 ? empty(count, dtype: type) : empty(count, store.RowLength, dtype: type);
        }

        private static void Gather(RowStore store, Tensor into, ReadOnlySpan<int> order)
        {
            switch (store)
            {
                case RowStore<byte> bytes: Gather(bytes, into, order); break;
                case RowStore<float> floats: Gather(floats, into, order); break;
                case RowStore<long> longs: Gather(longs, into, order); break;
            }
        }

        private static void Gather<T>(RowStore<T> store, Tensor into, ReadOnlySpan<int> order) where T : unmanaged
        {
            var memory = MemoryMarshal.Cast<byte, T>(into.bytes);
            for (var i = 0; i < order.Length; i++)
                store.CopyTo(order[i], memory.Slice(i * store.RowLength, store.RowLength));
        }
    }
}
