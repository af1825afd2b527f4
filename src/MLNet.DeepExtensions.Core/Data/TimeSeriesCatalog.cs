using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

namespace Microsoft.ML;

/// <summary>Splits of time series under <c>mlContext.Data</c>: what is judged by always lies behind what is learnt from.</summary>
public static class TimeSeriesCatalog
{
    /// <summary>Splits each series by shares of its rows: the first to learn from, the next to choose by, the last to judge by.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows, in the order of time within each series. They are counted once, now; the parts are views.</param>
    /// <param name="trainFraction">The share of the first part. In [0, 1].</param>
    /// <param name="validationFraction">The share of the second part. In [0, 1].</param>
    /// <param name="testFraction">The share of the third part. In [0, 1]; the three sum to 1.</param>
    /// <param name="lookBack">
    /// How many rows before them the second and the third part also hold, so that their first rows can be forecast: the forecaster's window. The default is 0.
    /// A forecaster validated or evaluated on such a part judges exactly the part's own rows, since a horizon never reaches into the rows looked back at.
    /// </param>
    /// <param name="seriesColumnName">The column that tells series apart; null, the default, is one series.</param>
    /// <returns>The parts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or there is no such column.</exception>
    public static TrainValidationTestData TimeSeriesSplit(this DataOperationsCatalog catalog, IDataView data, double trainFraction = 0.7, double validationFraction = 0.1, double testFraction = 0.2,
        int lookBack = 0, string? seriesColumnName = null)
    {
        Check(catalog, data, lookBack);
        var fractions = RowSplit.Fractions(trainFraction, validationFraction, testFraction);
        return Parts(TimeSeriesParts.ByCount(data, seriesColumnName, rows =>
        {
            var (train, test) = ((long)Math.Round(rows * fractions[0]), (long)Math.Round(rows * fractions[2]));
            return [0, train, Math.Max(train, rows - test), rows];
        }), lookBack);
    }

    /// <inheritdoc cref="TimeSeriesSplit(DataOperationsCatalog, IDataView, double, double, double, int, string?)"/>
    /// <summary>Splits each series by numbers of rows, from its beginning. Rows behind the third part are in none.</summary>
    /// <param name="trainRows">The rows of the first part, at least 0.</param>
    /// <param name="validationRows">The rows of the second part, at least 0.</param>
    /// <param name="testRows">The rows of the third part, at least 0.</param>
    /// <exception cref="ArgumentException">A series has fewer rows.</exception>
#pragma warning disable CS1573 // the other parameters are inherited
    public static TrainValidationTestData TimeSeriesSplit(this DataOperationsCatalog catalog, IDataView data, long trainRows, long validationRows, long testRows,
        int lookBack = 0, string? seriesColumnName = null)
    {
        Check(catalog, data, lookBack);
        ArgumentOutOfRangeException.ThrowIfNegative(trainRows);
        ArgumentOutOfRangeException.ThrowIfNegative(validationRows);
        ArgumentOutOfRangeException.ThrowIfNegative(testRows);
        var all = checked(trainRows + validationRows + testRows);
        return Parts(TimeSeriesParts.ByCount(data, seriesColumnName, rows => rows >= all ? [0, trainRows, trainRows + validationRows, all]
            : throw new ArgumentException($"The parts need {all:N0} rows of each series, but one has {rows:N0}.", nameof(data))), lookBack);
    }

    /// <inheritdoc cref="TimeSeriesSplit(DataOperationsCatalog, IDataView, double, double, double, int, string?)"/>
    /// <summary>Splits all series at the same moments, by months of the calendar from the earliest time of all. Rows behind the third part are in none.</summary>
    /// <param name="timeColumnName">The rows' times: a DateTime or DateTimeOffset, rising within each series.</param>
    /// <param name="trainMonths">The months of the first part, at least 0.</param>
    /// <param name="validationMonths">The months of the second part, at least 0.</param>
    /// <param name="testMonths">The months of the third part, at least 0.</param>
    /// <exception cref="InvalidOperationException">Times do not rise within a series.</exception>
    public static TrainValidationTestData TimeSeriesSplit(this DataOperationsCatalog catalog, IDataView data, string timeColumnName, int trainMonths, int validationMonths, int testMonths,
        int lookBack = 0, string? seriesColumnName = null)
    {
        Check(catalog, data, lookBack);
        ArgumentException.ThrowIfNullOrEmpty(timeColumnName);
        ArgumentOutOfRangeException.ThrowIfNegative(trainMonths);
        ArgumentOutOfRangeException.ThrowIfNegative(validationMonths);
        ArgumentOutOfRangeException.ThrowIfNegative(testMonths);
        return Parts(TimeSeriesParts.ByTime(data, timeColumnName, seriesColumnName, from =>
            [from.AddMonths(trainMonths), from.AddMonths(trainMonths + validationMonths), from.AddMonths(trainMonths + validationMonths + testMonths)]), lookBack);
    }
#pragma warning restore CS1573

    /// <summary>
    /// Makes backtests: the last rows of each series, fold by fold, are judged by a model that saw all rows before them. Train one on each pair and take the mean of what
    /// <c>mlContext.Forecasting.Evaluate</c> says.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows, in the order of time within each series.</param>
    /// <param name="testRows">The rows of each series that a fold judges, at least 1.</param>
    /// <param name="folds">The number of folds, at least 1. The default is 3.</param>
    /// <param name="lookBack">How many rows before them the test parts also hold: the forecaster's window. The default is 0.</param>
    /// <param name="seriesColumnName">The column that tells series apart; null, the default, is one series.</param>
    /// <returns>The folds, the earliest first: what to learn from and what to judge by.</returns>
    /// <exception cref="ArgumentException">A series has too few rows.</exception>
    public static IReadOnlyList<(IDataView Train, IDataView Test)> TimeSeriesBacktests(this DataOperationsCatalog catalog, IDataView data, long testRows, int folds = 3, int lookBack = 0, string? seriesColumnName = null)
    {
        Check(catalog, data, lookBack);
        ArgumentOutOfRangeException.ThrowIfLessThan(testRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 1);
        return [.. Enumerable.Range(0, folds).Select(fold =>
        {
            var parts = TimeSeriesParts.ByCount(data, seriesColumnName, rows => rows > checked(testRows * folds) ? [0, rows - testRows * (folds - fold), rows - testRows * (folds - fold - 1)]
                : throw new ArgumentException($"{folds} folds of {testRows:N0} rows need more than {testRows * folds:N0} rows of each series, but one has {rows:N0}.", nameof(data)));
            return (parts.Part(0, 0), parts.Part(1, lookBack));
        })];
    }

    private static void Check(DataOperationsCatalog catalog, IDataView data, int lookBack)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(lookBack);
        Doors.Check();
    }

    private static TrainValidationTestData Parts(TimeSeriesParts parts, int lookBack) => new(parts.Part(0, 0), parts.Part(1, lookBack), parts.Part(2, lookBack));
}
