namespace MLNet.DeepExtensions;

/// <summary>Time series in memory, one behind the other, each in the order of time: what windows are views of.</summary>
/// <param name="Targets">The targets of each row.</param>
/// <param name="Known">What is known ahead of each row; null where nothing is.</param>
/// <param name="Statics">What is the same in all rows of a series, a row for each series; null where nothing is.</param>
/// <param name="Starts">The first row of each series, and behind the last one the number of all rows.</param>
/// <param name="Whole">The stretches of rows in which nothing is missing, in order; each belongs to one series.</param>
/// <param name="KnownAhead">The stretches of rows in which nothing that is known ahead is missing, in order.</param>
/// <param name="Places">Where each row of the source stands here; null where they stand in the source's order.</param>
internal sealed record SeriesRows(RowStore<float> Targets, RowStore<float>? Known, RowStore<float>? Statics, long[] Starts,
    IReadOnlyList<Stretch> Whole, IReadOnlyList<Stretch> KnownAhead, int[]? Places)
{
    public long Count => Starts[^1];

    public long Bytes => Targets.Bytes + (Known?.Bytes ?? 0) + (Statics?.Bytes ?? 0);

    public int SeriesOf(long row)
    {
        var found = Array.BinarySearch(Starts, row);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>Whether a forecast can be made from a row: it has its history, and what must be known ahead.</summary>
    public bool HasHistory(long row, ForecastColumns columns) =>
        Stretch.At(Whole, row) is { } history && history.First <= row - columns.Window + 1
        && (Known is null || Stretch.At(KnownAhead, row) is { } known && known.End > row + columns.Horizon);
}

/// <summary>Consecutive rows of one series.</summary>
/// <param name="First">The first row.</param>
/// <param name="End">The row behind the last one.</param>
internal readonly record struct Stretch(long First, long End)
{
    /// <summary>The stretch that a row is in; null where it is in none.</summary>
    public static Stretch? At(IReadOnlyList<Stretch> stretches, long row)
    {
        var (low, high) = (0, stretches.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (stretches[middle].End <= row)
                low = middle + 1;
            else if (stretches[middle].First > row)
                high = middle - 1;
            else
                return stretches[middle];
        }
        return null;
    }
}
