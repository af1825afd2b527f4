namespace MLNet.DeepExtensions;

/// <summary>From which rows forecasts are made: the last row of each window.</summary>
internal abstract class WindowOrigins
{
    public abstract long Count { get; }

    /// <summary>The row that a window ends with.</summary>
    public abstract long this[long window] { get; }
}

/// <summary>All windows of the stretches that have a window and the horizon behind it, found without a list of them.</summary>
internal sealed class AllWindows : WindowOrigins
{
    private readonly List<(long Origin, long Before)> stretches = [];

    public AllWindows(IReadOnlyList<Stretch> whole, int window, int horizon)
    {
        foreach (var stretch in whole)
            if (stretch.End - stretch.First - window - horizon + 1 is > 0 and var windows)
            {
                stretches.Add((stretch.First + window - 1, Count));
                Count += windows;
            }
    }

    public override long Count { get; }

    public override long this[long window]
    {
        get
        {
            var (low, high) = (0, stretches.Count - 1);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                if (stretches[middle].Before <= window)
                    low = middle;
                else
                    high = middle - 1;
            }
            return stretches[low].Origin + window - stretches[low].Before;
        }
    }
}

/// <summary>Some windows, by the rows that they end with.</summary>
internal sealed class ChosenWindows(IReadOnlyList<long> origins) : WindowOrigins
{
    public override long Count => origins.Count;

    public override long this[long window] => origins[(int)window];
}

/// <summary>A view of a series for each window.</summary>
internal abstract class WindowView(WindowOrigins origins, int rowLength) : ViewStore<float>(rowLength)
{
    protected WindowOrigins Origins => origins;
}

/// <summary>Windows as views of a series: row n is what stands around the n-th window's last row, [steps, width]. A row is copied only when a batch asks for it.</summary>
internal sealed class WindowStore : WindowView
{
    private readonly RowStore<float> series;
    private readonly int first;

    /// <param name="series">The rows of all series.</param>
    /// <param name="origins">The windows.</param>
    /// <param name="first">The first step, counted from the window's last row.</param>
    /// <param name="length">The number of steps.</param>
    public WindowStore(RowStore<float> series, WindowOrigins origins, int first, int length) : base(origins, checked(length * series.RowLength))
    {
        (this.series, this.first) = (series, first);
        Count = origins.Count;
    }

    public override void CopyTo(long row, Span<float> target) => series.CopyRows(Origins[row] + first, target);
}

/// <summary>What follows the windows, as views of a series: row n is what stands behind the n-th window, [width, steps], each target's horizon in one piece.</summary>
internal sealed class HorizonStore : WindowView
{
    private readonly RowStore<float> series;
    private readonly int horizon;

    public HorizonStore(RowStore<float> series, WindowOrigins origins, int horizon) : base(origins, checked(horizon * series.RowLength))
    {
        (this.series, this.horizon) = (series, horizon);
        Count = origins.Count;
    }

    public override void CopyTo(long row, Span<float> target)
    {
        var width = series.RowLength;
        if (width == 1)
        {
            series.CopyRows(Origins[row] + 1, target);
            return;
        }
        var steps = System.Buffers.ArrayPool<float>.Shared.Rent(target.Length);
        series.CopyRows(Origins[row] + 1, steps.AsSpan(0, target.Length));
        for (var step = 0; step < horizon; step++)
            for (var i = 0; i < width; i++)
                target[i * horizon + step] = steps[step * width + i];
        System.Buffers.ArrayPool<float>.Shared.Return(steps);
    }
}

/// <summary>What a window's series is like, the same for all its windows.</summary>
internal sealed class SeriesOfWindow : WindowView
{
    private readonly SeriesRows series;

    public SeriesOfWindow(SeriesRows series, WindowOrigins origins) : base(origins, series.Statics!.RowLength)
    {
        this.series = series;
        Count = origins.Count;
    }

    public override void CopyTo(long row, Span<float> target) => series.Statics!.CopyTo(series.SeriesOf(Origins[row]), target);
}
