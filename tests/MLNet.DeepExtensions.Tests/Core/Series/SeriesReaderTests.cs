using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Core.Series;

public class SeriesReaderTests
{
    private static readonly ForecastOptions options = new() { TargetColumns = ["Value"], SeriesColumn = "Series", TimeColumn = "Time", Window = 3, Horizon = 2 };

    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void SeriesThatAreMixed_StandBehindEachOther_InTheirOwnOrder()
    {
        var series = Read(Mixed(), options);
        Assert.Equal([0L, 7, 14], series.Starts);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 100, 101, 102, 103, 104, 105, 106], Values(series));
        Assert.Equal([0, 7, 1, 8], series.Places!.Take(4));
        Assert.Equal([0, 0, 1, 1], new[] { 0L, 6, 7, 13 }.Select(series.SeriesOf));
    }

    [Fact]
    public void Windows_NeverCrossASeries()
    {
        var windows = new WindowRows(Read(Mixed(), options), Columns(options));
        Assert.Equal(2 * (7 - 3 - 2 + 1), windows.Count);
        var (history, horizon) = (new float[3], new float[2]);
        List<string> all = [];
        for (var i = 0; i < windows.Count; i++)
        {
            ((EqualStore<float>)windows.Inputs.Columns[0]).CopyTo(i, history);
            ((EqualStore<float>)windows.Targets).CopyTo(i, horizon);
            all.Add($"{string.Join(" ", history)} | {string.Join(" ", horizon)}");
        }
        Assert.Equal(["0 1 2 | 3 4", "1 2 3 | 4 5", "2 3 4 | 5 6", "100 101 102 | 103 104", "101 102 103 | 104 105", "102 103 104 | 105 106"], all);
    }

    [Fact]
    public void Windows_NeverHoldAMissingValue()
    {
        var rows = One(12).ToList();
        rows[4].Value = float.NaN;
        var series = Read(rows, options with { SeriesColumn = null });
        Assert.Equal([new Stretch(0, 4), new Stretch(5, 12)], series.Whole);
        Assert.Equal(7 - 5 + 1, new WindowRows(series, Columns(options with { SeriesColumn = null })).Count);
    }

    [Fact]
    public void AMissingValue_IsAnErrorThatNamesTheRow()
    {
        var rows = One(12).ToList();
        rows[4].Value = float.NaN;
        var error = Assert.Throws<InvalidOperationException>(() => Read(rows, options, MissingFeatures.Error));
        Assert.Contains("Column 'Value' holds NaN in row 4", error.Message);
    }

    [Fact]
    public void TimesThatDoNotRise_AreAnErrorThatNamesRowAndTimes()
    {
        var rows = One(6).Reverse().ToList();
        var error = Assert.Throws<InvalidOperationException>(() => Read(rows, options));
        Assert.Contains("column 'Time' is 2024-01-01 04:00:00 in row 1", error.Message);
        Assert.Contains("Sort the rows before they are loaded", error.Message);
    }

    [Fact]
    public void TwoSeriesWithoutASeriesColumn_AreToldApart()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Read(Mixed(), options with { SeriesColumn = null }));
        Assert.Contains("name the column that tells several series apart as SeriesColumn", error.Message);
    }

    [Fact]
    public void WindowsTakeNoMemory_AndTheSeriesAsMuchAsItsNumbers()
    {
        var series = Read(One(50_000).ToList(), options with { SeriesColumn = null });
        Assert.Equal(50_000 * sizeof(float), series.Bytes);
        var columns = Columns(options with { SeriesColumn = null, Window = 336, Horizon = 96 });
        var before = GC.GetAllocatedBytesForCurrentThread();                  // of the process others take some, too
        var windows = new WindowRows(series, columns);
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(50_000 - 336 - 96 + 1, windows.Count);
        Assert.Equal(0, windows.Bytes);
        Assert.True(taken < series.Bytes / 20, $"{taken} bytes beside {series.Bytes}");
        GC.KeepAlive(windows);
    }

    [Fact]
    public void LongSeries_InManyChunks_AreReadAcrossTheirBorders()
    {
        var store = new RowStore<float>(1 << 18, 40);        // four rows in a chunk
        for (var row = 0; row < 40; row++)
            store.PlaceFor(row).Fill(row);
        var windows = new WindowStore(store, new ChosenWindows([9L, 20L]), first: -6, length: 8);
        var values = new float[8 << 18];
        windows.CopyTo(0, values);
        Assert.Equal([3, 4, 5, 6, 7, 8, 9, 10], Enumerable.Range(0, 8).Select(step => values[(step << 18) + 12345]));
        windows.CopyTo(1, values);
        Assert.Equal([14, 15, 16, 17, 18, 19, 20, 21], Enumerable.Range(0, 8).Select(step => values[step << 18]));
    }

    [Fact]
    public void AShareForValidation_IsTheEndOfEachSeries_AndNoHorizonReachesIntoIt()
    {
        var rows = Enumerable.Range(0, 50).SelectMany(i => new[] { Point("a", i, i), Point("b", i, 1000 + i) }).ToList();
        var columns = Columns(options);
        var windows = new WindowRows(Read(rows, options), columns);
        var (rest, aside) = windows.Split([.. Enumerable.Range(0, (int)windows.Count)], 0.25, seed: 1);
        var horizon = new float[2];
        float[] Last(int[] which) => [.. which.Select(window =>
        {
            ((EqualStore<float>)windows.Targets).CopyTo(window, horizon);
            return horizon[1];
        })];
        float[] First(int[] which) => [.. Last(which).Select(value => value - 1)];
        Assert.Equal(49, Last(aside).Where(value => value < 1000).Max());
        Assert.Equal(1049, Last(aside).Max());
        Assert.True(Last(rest).Where(value => value < 1000).Max() < First(aside).Min());
        Assert.True(Last(rest).Max() < First(aside).Where(value => value >= 1000).Min());
        Assert.Equal(2 * Math.Round(46 * 0.25), aside.Length);
    }

    [Fact]
    public void Scale_CountsEachRowOnce()
    {
        var series = Read(One(10).ToList(), options with { SeriesColumn = null });
        var windows = new WindowRows(series, Columns(options with { SeriesColumn = null }));
        var scale = windows.Measure(series.Targets, [.. Enumerable.Range(0, (int)windows.Count)]);
        Assert.Equal(4.5f, scale.Mean[0], 1e-5f);
        Assert.Equal((float)Math.Sqrt(8.25), scale.Std[0], 1e-5f);
        // rising by one each row, a season of three rows makes an error of three
        Assert.Equal(3, new WindowRows(series, Columns(options with { SeriesColumn = null, Season = 3 })).NaiveErrors([.. Enumerable.Range(0, (int)windows.Count)])[0], 1e-6);
    }

    [Fact]
    public void CalendarNumbers_GoFromMinusOneHalfToOneHalf()
    {
        var values = new float[3];
        CalendarNumbers.Write(CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek | CalendarFeatures.MonthOfYear, new DateTime(2024, 12, 30, 23, 0, 0), values);       // a Monday
        Assert.Equal([0.5f, -0.5f, 0.5f], values);
    }

    private SeriesRows Read(IEnumerable<Moment> rows, ForecastOptions options, MissingFeatures missing = MissingFeatures.SkipRow) =>
        new SeriesReader(ml.Data.LoadFromEnumerable(rows), Columns(options), null, () => { }).Read(missing, new SkippedRows(), keepPlaces: true);

    private ForecastColumns Columns(ForecastOptions options) => ForecastColumns.Find(ml.Data.LoadFromEnumerable(One(1)).Schema, options);

    private static float[] Values(SeriesRows series)
    {
        var values = new float[series.Count];
        series.Targets.CopyRows(0, values);
        return values;
    }

    private static IEnumerable<Moment> One(int count) => Enumerable.Range(0, count).Select(i => Point("a", i, i));

    private static IEnumerable<Moment> Mixed() => Enumerable.Range(0, 7).SelectMany(i => new[] { Point("a", i, i), Point("b", i, 100 + i) });

    private static Moment Point(string series, int hour, float value) => new() { Series = series, Time = new DateTime(2024, 1, 1).AddHours(hour), Value = value };

    private sealed class Moment
    {
        public string Series { get; set; } = "";
        public DateTime Time { get; set; }
        public float Value { get; set; }
    }
}
