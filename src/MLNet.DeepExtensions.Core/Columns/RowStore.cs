using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Equal-length rows of one column in compact managed memory, in the order in which they were read.</summary>
internal abstract class RowStore(int rowLength)
{
    public int RowLength { get; } = rowLength;

    public long Count { get; protected set; }

    public abstract ElementKind Elements { get; }

    /// <summary>Gets the bytes taken by the rows.</summary>
    public abstract long Bytes { get; }
}

/// <summary>
/// Rows are kept in chunks of a few megabytes, so that growing copies nothing and no length is bounded by one array's.
/// A sparse row keeps only what it holds: a million hashed features cost what their words cost.
/// </summary>
/// <param name="rowLength">The values in a row.</param>
/// <param name="expectedRows">How many rows will come, where that is known: a small set then takes no whole chunk.</param>
internal sealed class RowStore<T>(int rowLength, long? expectedRows = null) : RowStore(rowLength) where T : unmanaged
{
    private const int ChunkBytes = 1 << 22;

    // rows in a chunk: a power of two, so that finding a row is a shift and a mask
    private readonly int shift = Math.Max(0, (int)Math.Log2(Math.Max(1, ChunkBytes / ((long)rowLength * SizeOf))));
    private readonly List<T[]> chunks = [];
    private readonly Dictionary<long, (int[] Indices, T[] Values)> sparse = [];
    private long bytes;

    private static unsafe int SizeOf => sizeof(T);

    public override ElementKind Elements =>
        typeof(T) == typeof(byte) ? ElementKind.UInt8 : typeof(T) == typeof(float) ? ElementKind.Float32 : ElementKind.Int64;

    public override long Bytes => bytes;

    /// <summary>Takes a row over. It is copied: the caller may reuse the buffer.</summary>
    public void Add(in VBuffer<T> row)
    {
        var values = row.GetValues();
        // an index costs four bytes: below a third of the values sparse is the smaller form
        if (!row.IsDense && values.Length * (sizeof(int) + SizeOf) * 2 < RowLength * SizeOf)
        {
            sparse.Add(Count++, (row.GetIndices().ToArray(), values.ToArray()));
            bytes += values.Length * (sizeof(int) + SizeOf) + 100;
            return;
        }
        Expand(row, Slot(Count++));
    }

    /// <summary>Takes a row of one value over.</summary>
    public void Add(T value) => Slot(Count++)[0] = value;

    /// <summary>Writes a row, dense, to where the caller wants it.</summary>
    public void CopyTo(long row, Span<T> target)
    {
        if (sparse.Count > 0 && sparse.TryGetValue(row, out var held))
        {
            target.Clear();
            for (var i = 0; i < held.Indices.Length; i++)
                target[held.Indices[i]] = held.Values[i];
            return;
        }
        chunks[(int)(row >> shift)].AsSpan((int)(row & ((1L << shift) - 1)) * RowLength, RowLength).CopyTo(target);
    }

    public static void Expand(in VBuffer<T> row, Span<T> target)
    {
        var values = row.GetValues();
        if (row.IsDense)
        {
            values.CopyTo(target);
            return;
        }
        target.Clear();
        var indices = row.GetIndices();
        for (var i = 0; i < indices.Length; i++)
            target[indices[i]] = values[i];
    }

    private Span<T> Slot(long row)
    {
        var chunk = (int)(row >> shift);
        var within = row - ((long)chunk << shift);
        while (chunks.Count <= chunk)
            chunks.Add([]);
        if (chunks[chunk].Length <= within * RowLength)
        {
            // the rows that were announced, or a whole chunk where none were or more came
            var announced = expectedRows - ((long)chunk << shift) ?? long.MaxValue;
            var rows = announced > within ? Math.Min(1L << shift, announced) : 1L << shift;
            var larger = GC.AllocateUninitializedArray<T>(RowLength * (int)rows);
            chunks[chunk].CopyTo(larger, 0);
            bytes += (long)(larger.Length - chunks[chunk].Length) * SizeOf;
            chunks[chunk] = larger;
        }
        return chunks[chunk].AsSpan((int)within * RowLength, RowLength);
    }
}
