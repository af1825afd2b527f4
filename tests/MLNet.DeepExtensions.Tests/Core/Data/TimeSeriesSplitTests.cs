using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Core.Data;

public class TimeSeriesSplitTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void ByRows_EachPartFollowsTheOneBefore_AndLooksBackAtIt()
    {
        var split = ml.Data.TimeSeriesSplit(Load(20), trainRows: 10, validationRows: 4, testRows: 5, lookBack: 3);
        Assert.Equal(Enumerable.Range(0, 10), Values(split.Train));
        Assert.Equal(Enumerable.Range(7, 7), Values(split.Validation));
        Assert.Equal(Enumerable.Range(11, 8), Values(split.Test));
        Assert.Equal(7, split.Validation.GetRowCount());
    }

    [Fact]
    public void ByShares_EachSeriesGivesItsOwn()
    {
        var rows = Enumerable.Range(0, 20).SelectMany(i => i < 10 ? new[] { At("a", i, i), At("b", i, 100 + i) } : [At("a", i, i)]);
        var split = ml.Data.TimeSeriesSplit(ml.Data.LoadFromEnumerable(rows), 0.5, 0.2, 0.3, lookBack: 1, seriesColumnName: "Series");
        Assert.Equal([0, 100, 1, 101, 2, 102, 3, 103, 4, 104, 5, 6, 7, 8, 9], Values(split.Train));
        Assert.Equal([104, 105, 106, 9, 10, 11, 12, 13], Values(split.Validation));
        Assert.Equal([106, 107, 108, 109, 13, 14, 15, 16, 17, 18, 19], Values(split.Test));
    }

    [Fact]
    public void ByMonths_TheMomentsAreTheSameForAllSeries()
    {
        // "b" begins a month later
        var rows = Enumerable.Range(0, 120).SelectMany(i => i < 31 ? new[] { Day("a", i) } : [Day("a", i), Day("b", i)]);
        var split = ml.Data.TimeSeriesSplit(ml.Data.LoadFromEnumerable(rows), "Time", trainMonths: 2, validationMonths: 1, testMonths: 1, seriesColumnName: "Series");
        Assert.Equal(31 + 29 + 29, Values(split.Train).Length);
        Assert.Equal([60, 1060, 61, 1061], Values(split.Validation).Take(4));
        Assert.Equal(2 * 31, Values(split.Validation).Length);
        Assert.Equal([91, 1091], Values(split.Test).Take(2));

        static Moment Day(string series, int day) => new() { Series = series, Time = new DateTime(2024, 1, 1).AddDays(day), Value = (series == "b" ? 1000 : 0) + day };
    }

    [Fact]
    public void Backtests_JudgeTheLastRows_ByAllBeforeThem()
    {
        var folds = ml.Data.TimeSeriesBacktests(Load(20), testRows: 4, folds: 3, lookBack: 2);
        Assert.Equal([8, 12, 16], folds.Select(fold => Values(fold.Train).Length));
        Assert.Equal(Enumerable.Range(6, 6), Values(folds[0].Test));
        Assert.Equal(Enumerable.Range(14, 6), Values(folds[2].Test));
    }

    [Fact]
    public void TooFewRows_AreAnErrorThatSaysHowMany()
    {
        Assert.Contains("need 30 rows of each series, but one has 20", Assert.Throws<ArgumentException>(() => ml.Data.TimeSeriesSplit(Load(20), 20L, 5L, 5L)).Message);
        Assert.Contains("need more than 20 rows", Assert.Throws<ArgumentException>(() => ml.Data.TimeSeriesBacktests(Load(20), testRows: 5, folds: 4)).Message);
    }

    private static int[] Values(IDataView data) => [.. data.GetColumn<float>("Value").Select(value => (int)value)];

    private IDataView Load(int count) => ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => At("a", i, i)));

    private static Moment At(string series, int hour, float value) => new() { Series = series, Time = new DateTime(2024, 1, 1).AddHours(hour), Value = value };

    private sealed class Moment
    {
        public string Series { get; set; } = "";
        public DateTime Time { get; set; }
        public float Value { get; set; }
    }
}
