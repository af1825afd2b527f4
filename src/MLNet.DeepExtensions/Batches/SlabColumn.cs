using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>One column of a slab: native memory for its rows.</summary>
internal abstract class SlabColumn : IDisposable
{
    /// <param name="like">Rows of the kind that it will hold.</param>
    /// <param name="rows">How many.</param>
    public static SlabColumn For(RowStore like, int rows) => like switch
    {
        RaggedStore<float> => new PaddedColumn<float>(like.RowLength, rows, ScalarType.Float32, isFlat: false),
        RaggedStore<int> => new PaddedColumn<int>(like.RowLength, rows, ScalarType.Int32, isFlat: true),
        RaggedStore<long> => new PaddedColumn<long>(like.RowLength, rows, ScalarType.Int64, isFlat: true),
        _ => new EqualColumn(like, rows),
    };

    /// <summary>Copies a row into one of the places.</summary>
    public abstract void Put(int place, RowStore store, long row);

    /// <summary>Says that the first rows are all there, and how they will be looked at.</summary>
    public virtual void Seal(int count, int batchSize) { }

    public abstract SlabColumn To(Device device);

    /// <summary>A batch of the rows: its first one is a multiple of the batch size.</summary>
    public abstract (Tensor Values, Tensor? Lengths) View(int first, int count);

    public abstract void Dispose();
}

/// <summary>Rows of one length: [rows, length], or [rows] for class indices.</summary>
internal sealed class EqualColumn : SlabColumn
{
    private readonly Tensor values;

    public EqualColumn(RowStore like, int rows)
    {
        var type = like.Elements switch { ElementKind.UInt8 => ScalarType.Byte, ElementKind.Float32 => ScalarType.Float32, ElementKind.Int32 => ScalarType.Int32, _ => ScalarType.Int64 };
        // a class is a number per row; all else has a second dimension
        values = (like.Elements == ElementKind.Int64 && like.RowLength == 1 ? empty(rows, dtype: type) : empty(rows, like.RowLength, dtype: type)).DetachFromDisposeScope();
    }

    private EqualColumn(Tensor values) => this.values = values;

    public override void Put(int place, RowStore store, long row)
    {
        switch (store)
        {
            case EqualStore<byte> bytes: bytes.CopyTo(row, Place<byte>(place, store.RowLength)); break;
            case EqualStore<float> floats: floats.CopyTo(row, Place<float>(place, store.RowLength)); break;
            case EqualStore<int> ints: ints.CopyTo(row, Place<int>(place, store.RowLength)); break;
            case EqualStore<long> longs: longs.CopyTo(row, Place<long>(place, store.RowLength)); break;
        }
    }

    public override SlabColumn To(Device device) => new EqualColumn(values.to(device).DetachFromDisposeScope());

    public override (Tensor, Tensor?) View(int first, int count) => (values.narrow(0, first, count), null);

    public override void Dispose() => values.Dispose();

    private Span<T> Place<T>(int place, int length) where T : unmanaged => MemoryMarshal.Cast<byte, T>(values.bytes).Slice(place * length, length);
}

/// <summary>Rows that differ in length: each batch is padded with zeros to its own longest row, [batch, steps, width], or [batch, steps] for whole numbers.</summary>
internal sealed class PaddedColumn<T> : SlabColumn where T : unmanaged
{
    private readonly int width;
    private readonly ScalarType type;
    private readonly bool isFlat;
    private readonly Tensor lengths;                    // [rows]
    private readonly int[] starts;
    private T[] rows = [];                              // as they came, behind each other
    private int filled;
    private Tensor? padded;                             // the batches, behind each other
    private List<(long Start, long Steps)> batches = [];
    private int batchSize = 1;

    public PaddedColumn(int width, int rows, ScalarType type, bool isFlat)
    {
        (this.width, this.type, this.isFlat, starts) = (width, type, isFlat, new int[rows]);
        lengths = empty(rows, dtype: ScalarType.Int64).DetachFromDisposeScope();
    }

    private PaddedColumn(PaddedColumn<T> other, Device device)
    {
        (width, type, isFlat, starts, batches, batchSize) = (other.width, other.type, other.isFlat, [], other.batches, other.batchSize);
        (lengths, padded) = (other.lengths.to(device).DetachFromDisposeScope(), other.padded!.to(device).DetachFromDisposeScope());
    }

    private Span<long> Lengths => MemoryMarshal.Cast<byte, long>(lengths.bytes);

    public override void Put(int place, RowStore store, long row)
    {
        var values = ((RaggedStore<T>)store).Row(row);
        if (place == 0)
            filled = 0;
        if (rows.Length < filled + values.Length)
            Array.Resize(ref rows, Math.Max(filled + values.Length, 2 * rows.Length));
        values.CopyTo(rows.AsSpan(filled));
        starts[place] = filled;
        Lengths[place] = values.Length / width;
        filled += values.Length;
    }

    public override void Seal(int count, int batchSize)
    {
        this.batchSize = batchSize;
        batches = [];
        var size = 0L;
        var steps = Lengths;
        for (var first = 0; first < count; first += batchSize)
        {
            var most = 1L;
            foreach (var length in steps[first..Math.Min(count, first + batchSize)])
                most = Math.Max(most, length);
            batches.Add((size, most));
            size += most * width * Math.Min(batchSize, count - first);
        }
        if (padded is null || padded.numel() < size)
        {
            padded?.Dispose();
            // whoever reads first may do so in inference mode, and this memory serves training afterwards
            using var normal = inference_mode(false);
            padded = empty(size, dtype: type).DetachFromDisposeScope();
        }
        var target = MemoryMarshal.Cast<byte, T>(padded.bytes);
        for (var row = 0; row < count; row++)
        {
            var (start, most) = batches[row / batchSize];
            var place = target.Slice((int)(start + row % batchSize * most * width), (int)most * width);
            var length = (int)steps[row] * width;
            rows.AsSpan(starts[row], length).CopyTo(place);
            place[length..].Clear();
        }
    }

    public override SlabColumn To(Device device) => new PaddedColumn<T>(this, device);

    public override (Tensor, Tensor?) View(int first, int count)
    {
        var (start, steps) = batches[first / batchSize];
        var flat = padded!.narrow(0, start, count * steps * width);
        return (isFlat && width == 1 ? flat.view(count, steps) : flat.view(count, steps, width), lengths.narrow(0, first, count));
    }

    public override void Dispose()
    {
        lengths.Dispose();
        padded?.Dispose();
    }
}
