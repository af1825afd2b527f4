namespace MLNet.DeepExtensions;

/// <summary>Rows of one column that differ in length: steps of some values each, row behind row in chunks of a few megabytes.</summary>
/// <param name="stepLength">The values in a step.</param>
/// <param name="memory">Where the rows are kept; null for managed memory without limit.</param>
internal sealed class RaggedStore<T>(int stepLength, RowMemory? memory = null) : RowStore(stepLength) where T : unmanaged
{
    private const int ChunkBytes = 1 << 22;

    // before any row is known: a guess that only sizes buffers
    private const int TypicalBytes = 1 << 12;

    private readonly List<RowChunk<T>> chunks = [];
    private readonly List<Place> places = [];
    private int filled;                                 // of the last shared chunk
    private int shared = -1;
    private long bytes;
    private long values;

    private static unsafe int SizeOfT => sizeof(T);

    public override ElementKind Elements => ElementOf<T>();

    public override long Bytes => bytes;

    public override bool IsRagged => true;

    public override long BatchBytesPerRow => Count == 0 ? TypicalBytes : Math.Max(1, values * SizeOfT / Count);

    /// <summary>Takes a row over: whole steps, which are copied.</summary>
    public void Add(ReadOnlySpan<T> row)
    {
        if (shared < 0 || chunks[shared].Length - filled < row.Length)
        {
            shared = chunks.Count;
            chunks.Add(Allocate(Math.Max(row.Length, places.Count == 0 ? Math.Min(1 << 12, ChunkBytes / SizeOfT) : ChunkBytes / SizeOfT)));
            filled = 0;
        }
        row.CopyTo(chunks[shared].Span[filled..]);
        places.Add(new Place(shared, filled, row.Length));
        filled += row.Length;
        values += row.Length;
        Count++;
    }

    /// <summary>The values of a row, valid until the store changes.</summary>
    public ReadOnlySpan<T> Row(long row)
    {
        var place = places[checked((int)row)];
        return chunks[place.Chunk].Span.Slice(Math.Max(0, place.Start), place.Length);
    }

    public override int LengthOf(long row) => places[checked((int)row)].Length / RowLength;

    public override void AddFrom(RowStore other, long row) => Add(((RaggedStore<T>)other).Row(row));

    public override void ReplaceFrom(long target, RowStore other, long row)
    {
        var source = ((RaggedStore<T>)other).Row(row);
        var place = places[checked((int)target)];
        values += source.Length - place.Length;
        if (source.Length <= place.Length)
        {
            source.CopyTo(chunks[place.Chunk].Span[Math.Max(0, place.Start)..]);
            places[(int)target] = place with { Length = source.Length };
            return;
        }
        // a longer row gets a chunk of its own, and the next longer one takes that chunk's number
        var own = new RowChunk<T>(source.ToArray());
        var chunk = place.IsAlone ? place.Chunk : chunks.Count;
        bytes += (long)(own.Length - (place.IsAlone ? chunks[chunk].Length : 0)) * SizeOfT;
        if (place.IsAlone)
            chunks[chunk] = own;
        else
            chunks.Add(own);
        places[(int)target] = new Place(chunk, Place.Alone, source.Length);
    }

    public override void Clear()
    {
        // the first chunk is kept for the rows to come
        if (chunks.Count > 1)
        {
            chunks.RemoveRange(1, chunks.Count - 1);
            bytes = (long)chunks[0].Length * SizeOfT;
        }
        places.Clear();
        (shared, filled, values, Count) = (chunks.Count - 1, 0, 0, 0);
    }

    public override RowStore NewLike(RowMemory? memory, long? expectedRows) => new RaggedStore<T>(RowLength, memory);

    private RowChunk<T> Allocate(int count)
    {
        bytes += (long)count * SizeOfT;
        return memory is null ? new RowChunk<T>(GC.AllocateUninitializedArray<T>(count)) : memory.Take<T>(count) ?? throw new RowMemorySpentException(memory.Budget);
    }

    private readonly record struct Place(int Chunk, int Start, int Length)
    {
        public const int Alone = -1;

        public bool IsAlone => Start == Alone;
    }
}
