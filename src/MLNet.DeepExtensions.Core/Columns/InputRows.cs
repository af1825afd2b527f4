namespace MLNet.DeepExtensions;

/// <summary>What feeds a network, row by row: a store for each column.</summary>
internal sealed class InputRows(IReadOnlyList<RowStore> columns)
{
    public IReadOnlyList<RowStore> Columns => columns;

    public long Count => columns[0].Count;

    public long Bytes => columns.Sum(column => column.Bytes);

    /// <summary>What one row takes in a batch; where rows differ, what they take on average.</summary>
    public long BatchBytesPerRow => Math.Max(1, columns.Sum(column => column.BatchBytesPerRow));

    public static InputRows For(IEnumerable<FeatureColumn> columns, RowMemory? memory, long? expectedRows) => new([.. columns.Select(column => column.NewStore(memory, expectedRows))]);

    public InputRows NewLike(RowMemory? memory, long? expectedRows) => new([.. columns.Select(column => column.NewLike(memory, expectedRows))]);

    public void AddFrom(InputRows other, long row)
    {
        for (var i = 0; i < columns.Count; i++)
            columns[i].AddFrom(other.Columns[i], row);
    }

    public void ReplaceFrom(long target, InputRows other, long row)
    {
        for (var i = 0; i < columns.Count; i++)
            columns[i].ReplaceFrom(target, other.Columns[i], row);
    }

    public void Clear()
    {
        foreach (var column in columns)
            column.Clear();
    }
}
