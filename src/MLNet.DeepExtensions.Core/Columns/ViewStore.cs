namespace MLNet.DeepExtensions;

/// <summary>A store that has no rows of its own, but shows what another one holds. A row is copied only when a batch asks for it.</summary>
internal abstract class ViewStore<T>(int rowLength) : EqualStore<T>(rowLength) where T : unmanaged
{
    /// <summary>Gets no bytes: who holds the values has them.</summary>
    public sealed override long Bytes => 0;

    public sealed override void AddFrom(RowStore other, long row) => throw IsView();

    public sealed override void ReplaceFrom(long target, RowStore other, long row) => throw IsView();

    public sealed override void Clear() => throw IsView();

    public sealed override RowStore NewLike(RowMemory? memory, long? expectedRows) => throw IsView();

    private static NotSupportedException IsView() => new("Windows are views and keep no rows.");
}
