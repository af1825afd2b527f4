using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Rows of one column in compact managed memory, in the order in which they were read.</summary>
/// <param name="rowLength">The values in a row; where rows differ in length, those in a step.</param>
internal abstract class RowStore(int rowLength)
{
    public int RowLength { get; } = rowLength;

    public long Count { get; protected set; }

    public abstract ElementKind Elements { get; }

    /// <summary>Gets whether rows differ in length.</summary>
    public virtual bool IsRagged => false;

    /// <summary>Gets the bytes of one row in a batch; where rows differ, of those here on average.</summary>
    public virtual long BatchBytesPerRow => (long)RowLength * SizeOf(Elements);

    /// <summary>The steps of a row; 1 where all rows have the same length.</summary>
    public virtual int LengthOf(long row) => 1;

    /// <summary>Gets the bytes taken by the rows.</summary>
    public abstract long Bytes { get; }

    /// <summary>Adds a row of another store of the same kind.</summary>
    public abstract void AddFrom(RowStore other, long row);

    /// <summary>Puts a row of another store of the same kind in the place of one of these.</summary>
    public abstract void ReplaceFrom(long target, RowStore other, long row);

    /// <summary>Forgets all rows and keeps the memory.</summary>
    public abstract void Clear();

    /// <summary>An empty store of the same kind.</summary>
    public abstract RowStore NewLike(RowMemory? memory, long? expectedRows);

    public static int SizeOf(ElementKind elements) => elements switch
    {
        ElementKind.UInt8 => sizeof(byte),
        ElementKind.Float32 => sizeof(float),
        ElementKind.Int32 => sizeof(int),
        _ => sizeof(long),
    };

    protected static ElementKind ElementOf<T>() => typeof(T) == typeof(byte) ? ElementKind.UInt8 : typeof(T) == typeof(float) ? ElementKind.Float32
        : typeof(T) == typeof(int) ? ElementKind.Int32 : ElementKind.Int64;
}

/// <summary>Rows of one length, wherever their values lie.</summary>
internal abstract class EqualStore<T>(int rowLength) : RowStore(rowLength) where T : unmanaged
{
    public sealed override ElementKind Elements => ElementOf<T>();

    /// <summary>Writes a row, dense, to where the caller wants it.</summary>
    public abstract void CopyTo(long row, Span<T> target);
}

/// <summary>
/// Rows of one length, kept in chunks of a few megabytes, so that growing copies nothing and no length is bounded by one array's.
/// A sparse row keeps only what it holds: a million hashed features cost what their words cost.
/// </summary>
/// <param name="rowLength">The values in a row.</param>
/// <param name="expectedRows">How many rows will come, where that is known: a small set then takes no whole chunk.</param>
/// <param name="memory">Where the rows are kept; null for managed memory without limit.</param>
internal sealed class RowStore<T>(int rowLength, long? expectedRows = null, RowMemory? memory = null) : EqualStore<T>(rowLength) where T : unmanaged
{
    private const int ChunkBytes = 1 << 22;

    // rows in a chunk: a power of two, so that finding a row is a shift and a mask
    private readonly int shift = Math.Max(0, (int)Math.Log2(Math.Max(1, ChunkBytes / ((long)rowLength * SizeOfT))));
    private readonly List<RowChunk<T>> chunks = [];
    private readonly Dictionary<long, (int[] Indices, T[] Values)> sparse = [];
    private long bytes;

    private static unsafe int SizeOfT => sizeof(T);

    public override long Bytes => bytes;

    /// <summary>Takes a row over. It is copied: the caller may reuse the buffer.</summary>
    public void Add(in VBuffer<T> row)
    {
        var values = row.GetValues();
        // an index costs four bytes: below a third of the values sparse is the smaller form
        if (!row.IsDense && values.Length * (sizeof(int) + SizeOfT) * 2 < RowLength * SizeOfT)
        {
            sparse.Add(Count++, (row.GetIndices().ToArray(), values.ToArray()));
            bytes += values.Length * (sizeof(int) + SizeOfT) + 100;
            return;
        }
        Expand(row, Slot(Count++));
    }

    /// <summary>Takes a row over. It is copied: the caller may reuse the memory.</summary>
    public void Add(ReadOnlySpan<T> row) => row.CopyTo(Slot(Count++));

    /// <summary>Takes a row of one value over.</summary>
    public void Add(T value) => Slot(Count++)[0] = value;

    /// <summary>Gives the place of a row, whose values are to be written; rows before it may still be empty.</summary>
    public Span<T> PlaceFor(long row)
    {
        Count = Math.Max(Count, row + 1);
        return Slot(row);
    }

    /// <summary>Writes consecutive rows, none of which is sparse, behind each other.</summary>
    public void CopyRows(long first, Span<T> target)
    {
        while (target.Length > 0)
        {
            var rows = chunks[(int)(first >> shift)].Span[((int)(first & ((1L << shift) - 1)) * RowLength)..];
            var length = Math.Min(rows.Length, target.Length);
            rows[..length].CopyTo(target);
            target = target[length..];
            first += length / RowLength;
        }
    }

    /// <summary>All rows where they lie, behind each other; null where they lie in several places, or one is sparse.</summary>
    public Memory<T>? Whole => chunks.Count == 1 && sparse.Count == 0 ? chunks[0].Memory?[..((int)Count * RowLength)] : null;

    public override void CopyTo(long row, Span<T> target)
    {
        if (sparse.Count > 0 && sparse.TryGetValue(row, out var held))
        {
            target.Clear();
            for (var i = 0; i < held.Indices.Length; i++)
                target[held.Indices[i]] = held.Values[i];
            return;
        }
        Place(row).CopyTo(target);
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

    public override void AddFrom(RowStore other, long row)
    {
        var source = (RowStore<T>)other;
        if (source.sparse.TryGetValue(row, out var held))
        {
            sparse.Add(Count++, held);
            bytes += held.Values.Length * (sizeof(int) + SizeOfT) + 100;
            return;
        }
        source.CopyTo(row, Slot(Count++));
    }

    public override void ReplaceFrom(long target, RowStore other, long row)
    {
        sparse.Remove(target);
        ((RowStore<T>)other).CopyTo(row, Slot(target));
    }

    public override void Clear()
    {
        sparse.Clear();
        Count = 0;
    }

    public override RowStore NewLike(RowMemory? memory, long? expectedRows) => new RowStore<T>(RowLength, expectedRows, memory);

    private Span<T> Place(long row) => chunks[(int)(row >> shift)].Span.Slice((int)(row & ((1L << shift) - 1)) * RowLength, RowLength);

    private Span<T> Slot(long row)
    {
        var chunk = (int)(row >> shift);
        var within = row - ((long)chunk << shift);
        while (chunks.Count <= chunk)
            chunks.Add(default);
        if (chunks[chunk].Length <= within * RowLength)
        {
            // the rows that were announced, or a whole chunk where none were or more came
            var announced = expectedRows - ((long)chunk << shift) ?? long.MaxValue;
            var rows = announced > within ? Math.Min(1L << shift, announced) : 1L << shift;
            var larger = Allocate(RowLength * (int)rows);
            chunks[chunk].Span.CopyTo(larger.Span);
            bytes += (long)(larger.Length - chunks[chunk].Length) * SizeOfT;
            if (chunks[chunk].IsManaged)
                memory?.GiveBack((long)chunks[chunk].Length * SizeOfT);
            chunks[chunk] = larger;
        }
        return Place(row);
    }

    private RowChunk<T> Allocate(int count) => memory is null ? new RowChunk<T>(GC.AllocateUninitializedArray<T>(count))
        : memory.Take<T>(count) ?? throw new RowMemorySpentException(memory.Budget);
}
