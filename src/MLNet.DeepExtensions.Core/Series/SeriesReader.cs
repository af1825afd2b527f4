using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Reads time series from a data view: once to count rows, where that must be known, and once to keep them, exactly as many bytes as they take.</summary>
internal sealed class SeriesReader(IDataView data, ForecastColumns columns, RowMemory? memory, Action everyFewRows)
{
    private const int RowsBetweenChecks = 1024;

    private readonly DataViewSchema.Column? series = ForecastColumns.FindSeries(data.Schema, columns.Options);
    private readonly DataViewSchema.Column? time = ForecastColumns.FindTime(data.Schema, columns.Options);

    /// <summary>Reads all rows.</summary>
    /// <param name="missing">What to do with a row in which something is missing; windows never hold such a row.</param>
    /// <param name="skipped">Counts the rows in which something is missing.</param>
    /// <param name="keepPlaces">Whether to remember where each row of the source stands.</param>
    /// <exception cref="InvalidOperationException">Times do not rise within a series, something is missing, or what should be the same in all rows of a series is not.</exception>
    /// <exception cref="RowMemorySpentException">The rows are more than may be kept.</exception>
    public SeriesRows Read(MissingFeatures missing, SkippedRows skipped, bool keepPlaces)
    {
        var starts = Count();
        var places = keepPlaces && starts.Length > 2 ? new int[checked((int)starts[^1])] : null;
        var all = new SeriesRows(new RowStore<float>(columns.Targets.Count, starts[^1], memory), columns.Known == 0 ? null : new RowStore<float>(columns.Known, starts[^1], memory),
            columns.Static == 0 ? null : new RowStore<float>(columns.Static, starts.Length - 1, memory), starts, [], [], places);
        var (targetsMissing, knownMissing) = (new List<long>(), new List<long>());
        Fill(all, missing, skipped, targetsMissing, knownMissing);
        return all with { Whole = Stretches(starts, [.. targetsMissing.Concat(knownMissing).Distinct().Order()]), KnownAhead = Stretches(starts, [.. knownMissing.Order()]) };
    }

    // the first row of each series, in the order in which they come
    private long[] Count()
    {
        if (series is null && data.GetRowCount() is { } known)
            return [0, known];
        var counts = new List<long>();
        using var cursor = data.GetRowCursor(series is { } column ? [column] : []);
        var numbers = series is null ? null : ValueNumbers.Create(cursor, series.Value);
        for (var row = 0L; cursor.MoveNext(); row++)
        {
            if (row % RowsBetweenChecks == 0)
                everyFewRows();
            var number = numbers?.Read() ?? 0;
            while (counts.Count <= number)
                counts.Add(0);
            counts[number]++;
        }
        if (counts.Count == 0)
            counts.Add(0);
        var starts = new long[counts.Count + 1];
        for (var i = 0; i < counts.Count; i++)
            starts[i + 1] = starts[i] + counts[i];
        return starts;
    }

    private void Fill(SeriesRows all, MissingFeatures missing, SkippedRows skipped, List<long> targetsMissing, List<long> knownMissing)
    {
        DataViewSchema.Column[] Find(IReadOnlyList<string> names, string role) => [.. names.Select(name => ForecastColumns.Numbers(data.Schema, name, role))];
        var (targets, known, statics) = (Find(columns.Options.TargetColumns, "target"), Find(columns.Options.KnownColumns, "known"), Find(columns.Options.StaticColumns, "static"));
        using var cursor = data.GetRowCursor(targets.Concat(known).Concat(statics).Concat(new[] { series, time }.OfType<DataViewSchema.Column>()).DistinctBy(column => column.Index));
        var numbers = series is { } column ? ValueNumbers.Create(cursor, column) : null;
        var clock = time is { } timeColumn ? new SeriesClock(cursor, timeColumn, columns.Options) : null;
        var (targetNumbers, knownNumbers, staticNumbers) = (new SeriesNumbers(cursor, targets), new SeriesNumbers(cursor, known), new SeriesNumbers(cursor, statics));
        var filled = new long[all.Starts.Length - 1];
        var row = 0L;
        for (; cursor.MoveNext(); row++)
        {
            if (row % RowsBetweenChecks == 0)
                everyFewRows();
            var number = numbers?.Read() ?? 0;
            if (number >= filled.Length || filled[number] == all.Starts[number + 1] - all.Starts[number])
                throw Changed();
            var place = all.Starts[number] + filled[number]++;
            if (all.Places is { } places)
                places[row] = (int)place;
            var at = clock?.Read(number, row) ?? default;
            var isMissing = false;
            if (!targetNumbers.Read(all.Targets.PlaceFor(place), missing, row))
            {
                isMissing = true;
                targetsMissing.Add(place);
            }
            if (all.Known is { } ahead)
            {
                var values = ahead.PlaceFor(place);
                if (!knownNumbers.Read(values, missing, row))
                {
                    isMissing = true;
                    knownMissing.Add(place);
                }
                CalendarNumbers.Write(columns.Options.Calendar, at, values[knownNumbers.Width..]);
            }
            if (all.Statics is { } ofSeries)
                ReadStatics(staticNumbers, ofSeries, number, filled[number] == 1, missing, row);
            if (isMissing)
                skipped.Count(SkippedRows.Reason.Features);
        }
        if (row != all.Count)
            throw Changed();
    }

    private static void ReadStatics(SeriesNumbers numbers, RowStore<float> statics, int series, bool isFirst, MissingFeatures missing, long row)
    {
        Span<float> values = numbers.Width <= 256 ? stackalloc float[numbers.Width] : new float[numbers.Width];
        if (!numbers.Read(values, missing == MissingFeatures.SkipRow ? MissingFeatures.Error : missing, row))
            throw new InvalidOperationException("A series has no static numbers.");
        var held = statics.PlaceFor(series);
        if (isFirst)
            values.CopyTo(held);
        else if (!values.SequenceEqual(held))
            throw new InvalidOperationException($"A static column changes within a series, in row {row} (rows count from 0). Name it in KnownColumns if it is known ahead, or leave it out.");
    }

    private static List<Stretch> Stretches(long[] starts, long[] missing)
    {
        var (stretches, next) = (new List<Stretch>(), 0);
        for (var i = 0; i + 1 < starts.Length; i++)
        {
            var first = starts[i];
            for (; next < missing.Length && missing[next] < starts[i + 1]; next++)
            {
                if (missing[next] > first)
                    stretches.Add(new Stretch(first, missing[next]));
                first = missing[next] + 1;
            }
            if (starts[i + 1] > first)
                stretches.Add(new Stretch(first, starts[i + 1]));
        }
        return stretches;
    }

    private static InvalidOperationException Changed() => new("The data has other rows than when they were counted: it is not the same at every reading. " +
        "Hold the rows still: mlContext.Data.Cache(data), a list instead of an enumerable that is made anew, or ORDER BY in a query.");
}

/// <summary>Reads several columns of numbers, one behind the other.</summary>
internal sealed class SeriesNumbers
{
    private readonly List<(DataViewSchema.Column Column, NumberReader? Number, ValueGetter<VBuffer<float>>? Vector)> columns;
    private VBuffer<float> buffer;

    public SeriesNumbers(DataViewRow row, IReadOnlyList<DataViewSchema.Column> columns)
    {
        this.columns = [.. columns.Select(column => column.Type is VectorDataViewType ? (column, (NumberReader?)null, row.GetGetter<VBuffer<float>>(column)) : (column, new NumberReader(row, column), null))];
        Width = columns.Sum(ForecastColumns.WidthOf);
    }

    public int Width { get; }

    /// <summary>Reads the current row.</summary>
    /// <returns>Whether nothing is missing.</returns>
    public bool Read(Span<float> target, MissingFeatures missing, long row)
    {
        var (filled, isWhole) = (0, true);
        foreach (var (column, number, vector) in columns)
        {
            var values = target.Slice(filled, ForecastColumns.WidthOf(column));
            if (number is not null)
            {
                number.Read();
                values[0] = number.Value;
            }
            else
            {
                vector!(ref buffer);
                RowStore<float>.Expand(buffer, values);
            }
            filled += values.Length;
            if (!MissingNumbers.Any(values))
                continue;
            if (missing == MissingFeatures.Error)
                throw new InvalidOperationException($"Column '{column.Name}' holds NaN in row {row} (rows count from 0). Add mlContext.Transforms.ReplaceMissingValues(\"{column.Name}\") before the trainer, " +
                    "or set MissingFeatures in its options: SkipRow makes no window across such a row, Zero puts 0 in its place.");
            if (missing == MissingFeatures.Zero)
                MissingNumbers.Replace(values);
            else
                isWhole = false;
        }
        return isWhole;
    }
}

/// <summary>Reads the rows' times, which must rise within a series.</summary>
internal sealed class SeriesClock
{
    private readonly Func<DateTime> read;
    private readonly List<DateTime?> last = [];
    private readonly ForecastOptions options;

    public SeriesClock(DataViewRow row, DataViewSchema.Column column, ForecastOptions options)
    {
        this.options = options;
        read = column.Type is DateTimeDataViewType ? Get<DateTime>(value => value) : Get<DateTimeOffset>(value => value.DateTime);

        Func<DateTime> Get<T>(Func<T, DateTime> convert) where T : struct
        {
            var getter = row.GetGetter<T>(column);
            T value = default;
            return () =>
            {
                getter(ref value);
                return convert(value);
            };
        }
    }

    /// <exception cref="InvalidOperationException">The time does not come after the one before.</exception>
    public DateTime Read(int series, long row)
    {
        var now = read();
        while (last.Count <= series)
            last.Add(null);
        if (last[series] is { } before && now <= before)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Rows must stand in the order of time{(options.SeriesColumn is null ? "" : " within each series")}, but column '{options.TimeColumn}' is {now:yyyy-MM-dd HH:mm:ss} in row {row} (rows count from 0), after {before:yyyy-MM-dd HH:mm:ss}. ") +
                (options.SeriesColumn is null ? "Sort the rows before they are loaded, or name the column that tells several series apart as SeriesColumn." : "Sort the rows before they are loaded; two rows of one time must become one."));
        last[series] = now;
        return now;
    }
}
