using System.Numerics;

namespace MLNet.DeepExtensions;

/// <summary>Tokens of many texts one behind the other, in two bytes each where the vocabulary allows it, in chunks that never move.</summary>
internal abstract class TokenStream
{
    private const int Shift = 18;
    private const int Chunk = 1 << Shift;

    public long Count { get; private set; }

    public abstract long Bytes { get; }

    /// <param name="vocabulary">How many tokens there are.</param>
    /// <param name="memory">Where they are kept; null for managed memory without limit.</param>
    public static TokenStream For(int vocabulary, RowMemory? memory = null) => vocabulary <= ushort.MaxValue + 1 ? new Stored<ushort>(memory) : new Stored<int>(memory);

    /// <exception cref="RowMemorySpentException">They are more than may be kept.</exception>
    public void Add(ReadOnlySpan<int> ids)
    {
        while (ids.Length > 0)
        {
            var place = (int)(Count & (Chunk - 1));
            var count = Math.Min(Chunk - place, ids.Length);
            Write((int)(Count >> Shift), place, ids[..count]);
            ids = ids[count..];
            Count += count;
        }
    }

    /// <summary>Writes consecutive tokens to where the caller wants them.</summary>
    public void CopyTo<T>(long first, Span<T> target) where T : unmanaged, IBinaryInteger<T>
    {
        while (target.Length > 0)
        {
            var place = (int)(first & (Chunk - 1));
            var count = Math.Min(Chunk - place, target.Length);
            Read((int)(first >> Shift), place, target[..count]);
            target = target[count..];
            first += count;
        }
    }

    protected abstract void Write(int chunk, int place, ReadOnlySpan<int> ids);

    protected abstract void Read<T>(int chunk, int place, Span<T> target) where T : unmanaged, IBinaryInteger<T>;

    private sealed class Stored<TId>(RowMemory? memory) : TokenStream where TId : unmanaged, IBinaryInteger<TId>
    {
        private readonly List<RowChunk<TId>> chunks = [];

        public override unsafe long Bytes => (long)chunks.Count * Chunk * sizeof(TId);

        protected override void Write(int chunk, int place, ReadOnlySpan<int> ids)
        {
            if (chunk == chunks.Count)
                chunks.Add(memory is null ? new RowChunk<TId>(GC.AllocateUninitializedArray<TId>(Chunk)) : memory.Take<TId>(Chunk) ?? throw new RowMemorySpentException(memory.Budget));
            var target = chunks[chunk].Span[place..];
            for (var i = 0; i < ids.Length; i++)
                target[i] = TId.CreateTruncating(ids[i]);
        }

        protected override void Read<T>(int chunk, int place, Span<T> target)
        {
            var source = chunks[chunk].Span.Slice(place, target.Length);
            for (var i = 0; i < target.Length; i++)
                target[i] = T.CreateTruncating(source[i]);
        }
    }
}
