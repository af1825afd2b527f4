namespace MLNet.DeepExtensions;

/// <summary>One small value for each row. Kept in chunks: growing copies nothing, and the rows may be more than an array can hold.</summary>
internal sealed class PerRow<T> where T : unmanaged
{
    private const int Shift = 16;
    private const int Mask = (1 << Shift) - 1;

    private readonly List<T[]> chunks = [];

    public long Count { get; private set; }

    public ref T this[long row] => ref chunks[(int)(row >> Shift)][row & Mask];

    public void Add(T value)
    {
        if ((Count & Mask) == 0)
            chunks.Add(GC.AllocateUninitializedArray<T>(1 << Shift));
        this[Count++] = value;
    }
}
