using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Where the parts of each series begin and end, counted in its own rows, and views of them.</summary>
internal sealed class TimeSeriesParts
{
    private readonly IDataView source;
    private readonly DataViewSchema.Column? series;
    private readonly IReadOnlyList<long[]> bounds;          // for each series where each part begins, and where the last one ends

    private TimeSeriesParts(IDataView source, DataViewSchema.Column? series, IReadOnlyList<long[]> bounds) => (this.source, this.series, this.bounds) = (source, series, bounds);

    /// <summary>Splits each series by its number of rows.</summary>
    /// <param name="source">The rows, in the order of time within each series.</param>
    /// <param name="seriesColumnName">The column that tells series apart; null for one series.</param>
    /// <param name="boundsOf">Says for a number of rows where the parts begin and end, rising.</param>
    public static TimeSeriesParts ByCount(IDataView source, string? seriesColumnName, Func<long, long[]> boundsOf)
    {
        var series = RowSplit.FindColumn(source.Schema, seriesColumnName, "series");
        var counts = new List<long>();
        using var cursor = source.GetRowCursor(series is { } column ? [column] : []);
        var numbers = series is { } named ? ValueNumbers.Create(cursor, named) : null;
        while (cursor.MoveNext())
            CountUp(counts, numbers?.Read() ?? 0);
        return new TimeSeriesParts(source, series, [.. counts.Select(boundsOf)]);
    }

    /// <summary>Splits all series at the same times.</summary>
    /// <param name="source">The rows, in the order of time within each series.</param>
    /// <param name="timeColumnName">The rows' times.</param>
    /// <param name="seriesColumnName">The column that tells series apart; null for one series.</param>
    /// <param name="timesFrom">Says, from the earliest time of all, where the second part begins, and each after it; the last of them ends there.</param>
    public static TimeSeriesParts ByTime(IDataView source, string timeColumnName, string? seriesColumnName, Func<DateTime, DateTime[]> timesFrom)
    {
        var options = new ForecastOptions { TargetColumns = [], TimeColumn = timeColumnName, SeriesColumn = seriesColumnName };
        var (series, time) = (RowSplit.FindColumn(source.Schema, seriesColumnName, "series"), ForecastColumns.FindTime(source.Schema, options)!.Value);
        // each series' times: the earliest of all is known at the end only
        var times = new List<List<DateTime>>();
        using (var cursor = source.GetRowCursor(new[] { series, time }.OfType<DataViewSchema.Column>().DistinctBy(column => column.Index)))
        {
            var numbers = series is { } column ? ValueNumbers.Create(cursor, column) : null;
            var clock = new SeriesClock(cursor, time, options);
            for (var row = 0L; cursor.MoveNext(); row++)
            {
                var number = numbers?.Read() ?? 0;
                while (times.Count <= number)
                    times.Add([]);
                times[number].Add(clock.Read(number, row));
            }
        }
        var borders = times.Count == 0 ? [] : timesFrom(times.Min(list => list[0]));
        return new TimeSeriesParts(source, series, [.. times.Select(list => borders.Select(border => (long)CountBefore(list, border)).Prepend(0).ToArray())]);
    }

    /// <summary>Counts the rows of a part, without those that it looks back at.</summary>
    public long RowsOf(int part) => bounds.Sum(series => series[part + 1] - series[part]);

    /// <summary>A part of each series, and the rows before it that it may look back at.</summary>
    public IDataView Part(int part, int lookBack) => new View(this, part, lookBack);

    private static int CountBefore(List<DateTime> times, DateTime border)
    {
        var found = times.BinarySearch(border);
        return found >= 0 ? found : ~found;
    }

    private static void CountUp(List<long> counts, int number)
    {
        while (counts.Count <= number)
            counts.Add(0);
        counts[number]++;
    }

    private sealed class View(TimeSeriesParts parts, int part, int lookBack) : IDataView
    {
        // the parts are known by position, which a shuffled reading does not tell
        public bool CanShuffle => false;

        public DataViewSchema Schema => parts.source.Schema;

        public long? GetRowCount() => parts.bounds.Sum(series => series[part + 1] - First(series));

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, parts, [.. columnsNeeded]);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

        public bool Has(int series, long row) => row >= First(parts.bounds[series]) && row < parts.bounds[series][part + 1];

        // a part without rows has nothing to look back from
        private long First(long[] series) => series[part] == series[part + 1] ? series[part] : Math.Max(0, series[part] - lookBack);
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly View view;
        private readonly DataViewRowCursor input;
        private readonly ValueNumbers? numbers;
        private readonly List<long> counts = [];
        private readonly bool[] active;
        private readonly int series;
        private long position = -1;

        public Cursor(View view, TimeSeriesParts parts, DataViewSchema.Column[] asked)
        {
            (this.view, series) = (view, parts.bounds.Count);
            active = new bool[view.Schema.Count];
            foreach (var column in asked)
                active[column.Index] = true;
            input = parts.source.GetRowCursor(asked.Concat(parts.series is { } named ? [named] : []).DistinctBy(column => column.Index));
            numbers = parts.series is { } key ? ValueNumbers.Create(input, key) : null;
        }

        public override DataViewSchema Schema => view.Schema;

        public override long Position => position;

        public override long Batch => input.Batch;

        public override bool MoveNext()
        {
            while (input.MoveNext())
            {
                var number = numbers?.Read() ?? 0;
                CountUp(counts, number);
                if (number >= series)
                    throw new InvalidOperationException("The data has more series than when it was split: it is not the same at every reading. Hold the rows still before the split: mlContext.Data.Cache(data), or a list.");
                if (!view.Has(number, counts[number] - 1))
                    continue;
                position++;
                return true;
            }
            position = -1;
            return false;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => active[column.Index] ? input.GetGetter<TValue>(column) : Getters.Cast<TValue>(null, column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
        }
    }
}
