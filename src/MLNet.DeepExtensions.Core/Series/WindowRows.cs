namespace MLNet.DeepExtensions;

/// <summary>All windows of some series as a trainer takes them: views, so that they take no memory but the series'.</summary>
internal sealed class WindowRows : TrainingRows
{
    private readonly SeriesRows series;
    private readonly ForecastColumns columns;
    private readonly WindowOrigins origins;

    public WindowRows(SeriesRows series, ForecastColumns columns) : this(series, columns, new AllWindows(series.Whole, columns.Window, columns.Horizon))
    {
    }

    private WindowRows(SeriesRows series, ForecastColumns columns, WindowOrigins origins)
        : base(InputsOf(series, columns, origins), new HorizonStore(series.Targets, origins, columns.Horizon), null) => (this.series, this.columns, this.origins) = (series, columns, origins);

    public SeriesRows Series => series;

    /// <summary>What the network takes for some windows: the history, what is known ahead, what the series is like.</summary>
    public static InputRows InputsOf(SeriesRows series, ForecastColumns columns, WindowOrigins origins)
    {
        var stores = new List<RowStore> { new WindowStore(series.Targets, origins, 1 - columns.Window, columns.Window) };
        if (series.Known is { } known)
            stores.Add(new WindowStore(known, origins, 1 - columns.Window, columns.Window + columns.Horizon));
        if (series.Statics is not null)
            stores.Add(new SeriesOfWindow(series, origins));
        return new InputRows(stores);
    }

    /// <summary>Measures what some windows see, each row once however many windows have it.</summary>
    /// <param name="store">The rows of the series.</param>
    /// <param name="which">The windows' numbers, rising.</param>
    public TargetScale Measure(RowStore<float> store, int[] which)
    {
        return TargetScale.Measure(Rows(), store.RowLength);

        IEnumerable<float[]> Rows()
        {
            var row = new float[store.RowLength];
            foreach (var (first, end) in RowsOf(which))
                for (var i = first; i < end; i++)
                {
                    store.CopyTo(i, row);
                    yield return row;
                }
        }
    }

    /// <summary>How far, on average, each target is from itself one season before, over the rows that some windows see: what the mean absolute scaled error is scaled by.</summary>
    public double[] NaiveErrors(int[] which)
    {
        var (sums, count) = (new double[columns.Targets.Count], 0L);
        float[] now = new float[sums.Length], before = new float[sums.Length];
        foreach (var stretch in RowsOf(which))
            for (var row = stretch.First; row < stretch.End; row++)
            {
                // a season before the first row seen there may be another series, or a row with something missing
                if (row - columns.Options.Season < 0 || Stretch.At(series.Whole, row) is not { } whole || whole.First > row - columns.Options.Season)
                    continue;
                series.Targets.CopyTo(row, now);
                series.Targets.CopyTo(row - columns.Options.Season, before);
                for (var i = 0; i < sums.Length; i++)
                    sums[i] += Math.Abs(now[i] - before[i]);
                count++;
            }
        return [.. sums.Select(sum => count == 0 ? double.NaN : sum / count)];
    }

    /// <summary>Sets the last windows of each series aside. Windows whose horizon would reach into theirs belong to neither.</summary>
    public override (int[] Remaining, int[] Aside) Split(int[] which, double fraction, int seed)
    {
        var (rest, aside) = (new List<int>(), new List<int>());
        foreach (var windows in which.GroupBy(window => series.SeriesOf(origins[window])).Select(group => group.Order().ToArray()))
        {
            var first = windows.Length - (int)Math.Round(windows.Length * fraction);
            aside.AddRange(windows.AsSpan(first));
            rest.AddRange(first == windows.Length ? windows : windows[..first].Where(window => origins[window] + columns.Horizon <= origins[windows[first]]));
        }
        return ([.. rest], [.. aside]);
    }

    // windows of one stretch overlap: each row is given once
    private IEnumerable<Stretch> RowsOf(int[] which)
    {
        var seen = 0L;
        foreach (var window in which)
        {
            var (first, end) = (Math.Max(seen, origins[window] - columns.Window + 1), origins[window] + columns.Horizon + 1);
            if (end > first)
                yield return new Stretch(first, end);
            seen = Math.Max(seen, end);
        }
    }
}
