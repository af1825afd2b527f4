using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Native memory for the rows of some batches: [rows, …] tensors of features, targets and weights.</summary>
internal sealed class Slab : IDisposable
{
    private readonly Tensor input;
    private readonly Tensor target;
    private readonly Tensor? weight;

    /// <param name="like">Rows of the kind that it will hold.</param>
    /// <param name="rows">How many.</param>
    public Slab(TrainingRows like, int rows)
    {
        using var _ = NewDisposeScope();
        input = Allocate(like.Features, rows).DetachFromDisposeScope();
        target = Allocate(like.Targets, rows).DetachFromDisposeScope();
        weight = like.Weights is null ? null : empty(rows, dtype: ScalarType.Float32).DetachFromDisposeScope();
        Rows = rows;
    }

    private Slab(Tensor input, Tensor target, Tensor? weight) => (this.input, this.target, this.weight, Rows) = (input, target, weight, (int)target.shape[0]);

    public int Rows { get; }

    /// <summary>Copies a row into one of the slab's places.</summary>
    public void Put(int place, TrainingRows rows, long row)
    {
        Copy(rows.Features, row, input, place);
        Copy(rows.Targets, row, target, place);
        if (weight is not null)
            Copy(rows.Weights!, row, weight, place);
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

    public static int SizeOf(ElementKind elements) => elements switch
    {
        ElementKind.UInt8 => sizeof(byte),
        ElementKind.Float32 => sizeof(float),
        _ => sizeof(long),
    };

    // a class is a number per row: [rows]; all else is [rows, length]
    private static Tensor Allocate(RowStore store, int count)
    {
        var type = store.Elements switch { ElementKind.UInt8 => ScalarType.Byte, ElementKind.Float32 => ScalarType.Float32, _ => ScalarType.Int64 };
        return store.Elements == ElementKind.Int64 && store.RowLength == 1 ? empty(count, dtype: type) : empty(count, store.RowLength, dtype: type);
    }

    private static void Copy(RowStore store, long row, Tensor into, int place)
    {
        switch (store)
        {
            case RowStore<byte> bytes: bytes.CopyTo(row, Place<byte>(into, place, store.RowLength)); break;
            case RowStore<float> floats: floats.CopyTo(row, Place<float>(into, place, store.RowLength)); break;
            case RowStore<long> longs: longs.CopyTo(row, Place<long>(into, place, store.RowLength)); break;
        }
    }

    private static Span<T> Place<T>(Tensor into, int place, int length) where T : unmanaged => MemoryMarshal.Cast<byte, T>(into.bytes).Slice(place * length, length);
}
