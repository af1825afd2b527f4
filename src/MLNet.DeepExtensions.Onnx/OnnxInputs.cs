using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace MLNet.DeepExtensions;

/// <summary>Some rows as the inputs of a graph: one for each column, and its lengths where rows differ; those that are shorter than the longest end with zeros.</summary>
internal sealed class OnnxInputs : IDisposable
{
    private readonly List<OrtValue> values = [];
    private readonly List<(byte[]? Rented, MemoryHandle Pin)> buffers = [];

    public OnnxInputs(InputRows rows, ReadOnlySpan<int> which)
    {
        foreach (var column in rows.Columns)
            switch (column)
            {
                case RaggedStore<float> steps: AddRagged(steps, which, isFlat: false); break;
                case RaggedStore<int> ids: AddRagged(ids, which, isFlat: true); break;
                case EqualStore<byte> bytes: AddEqual(bytes, which); break;
                case EqualStore<float> numbers: AddEqual(numbers, which); break;
                case EqualStore<int> ids: AddEqual(ids, which); break;
            }
    }

    public IReadOnlyCollection<OrtValue> Values => values;

    public void Dispose()
    {
        foreach (var value in values)
            value.Dispose();
        foreach (var (rented, pin) in buffers)
        {
            pin.Dispose();
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void AddEqual<T>(EqualStore<T> store, ReadOnlySpan<int> which) where T : unmanaged
    {
        // the usual case, in which the graph reads the rows where they are
        if (store is RowStore<T> { Whole: { } all } && IsAll(which, store.Count))
        {
            Add<T>(all.Pin(), null, [which.Length, store.RowLength], all.Length * Marshal.SizeOf<T>());
            return;
        }
        var target = Take<T>([which.Length, store.RowLength]);
        for (var i = 0; i < which.Length; i++)
            store.CopyTo(which[i], target.Slice(i * store.RowLength, store.RowLength));
    }

    private void AddRagged<T>(RaggedStore<T> store, ReadOnlySpan<int> which, bool isFlat) where T : unmanaged
    {
        var longest = 1;
        foreach (var row in which)
            longest = Math.Max(longest, store.LengthOf(row));
        var width = longest * store.RowLength;
        var target = Take<T>(isFlat ? [which.Length, longest] : [which.Length, longest, store.RowLength]);
        for (var i = 0; i < which.Length; i++)
        {
            var place = target.Slice(i * width, width);
            var row = store.Row(which[i]);
            row.CopyTo(place);
            place[row.Length..].Clear();
        }
        var lengths = Take<long>([which.Length]);
        for (var i = 0; i < which.Length; i++)
            lengths[i] = store.LengthOf(which[i]);
    }

    private static bool IsAll(ReadOnlySpan<int> which, long count)
    {
        if (which.Length != count)
            return false;
        for (var i = 0; i < which.Length; i++)
            if (which[i] != i)
                return false;
        return true;
    }

    private unsafe Span<T> Take<T>(long[] shape) where T : unmanaged
    {
        var bytes = checked((int)(shape.Aggregate(1L, (a, b) => a * b) * sizeof(T)));
        var array = ArrayPool<byte>.Shared.Rent(bytes);
        var memory = array.AsMemory(0, bytes);
        Add<T>(memory.Pin(), array, shape, bytes);
        return MemoryMarshal.Cast<byte, T>(memory.Span);
    }

    private unsafe void Add<T>(MemoryHandle pin, byte[]? rented, long[] shape, long bytes)
    {
        buffers.Add((rented, pin));
        values.Add(OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementTypeOf<T>(), shape, (nint)pin.Pointer, bytes));
    }

    private static Microsoft.ML.OnnxRuntime.Tensors.TensorElementType TensorElementTypeOf<T>() =>
        typeof(T) == typeof(byte) ? Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt8
        : typeof(T) == typeof(float) ? Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float
        : typeof(T) == typeof(int) ? Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int32 : Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64;
}
