using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Goes through scored rows once, and judges each forecast when the last row of its horizon has come. Forecasts that wait are all that it keeps.</summary>
internal sealed class ForecastEvaluation
{
    private readonly IDataView data;
    private readonly ForecastTask task;
    private readonly double[] units;
    private readonly double[] absolutes, squaresOfSteps, pinballs, covered;
    private double percents, squares;
    private long forecasts;

    public ForecastEvaluation(IDataView data, bool scaled)
    {
        (this.data, task) = (data, ForecastTask.Of(data.Schema));
        if (scaled && task.Scale is null)
            throw new ArgumentException("The forecaster did not scale its targets (ScaleTargets = false), so there is no standard deviation to divide by.", nameof(scaled));
        units = [.. Columns.Targets.Select((_, i) => scaled ? task.Scale!.Std[i] : 1.0)];
        (absolutes, squaresOfSteps) = (new double[Columns.Targets.Count], new double[Columns.Horizon]);
        (pinballs, covered) = (new double[Quantiles.Count], new double[Quantiles.Count]);
    }

    private ForecastColumns Columns => task.Columns;

    private IReadOnlyList<double> Quantiles => task.Form.Quantiles ?? [];

    public ForecastMetrics Run()
    {
        var targets = Columns.Options.TargetColumns.Select(name => ForecastColumns.Numbers(data.Schema, name, "target")).ToList();
        var (score, quantiles, series) = (data.Schema[DefaultNames.Score], Quantiles.Count > 0 ? data.Schema["Quantiles"] : (DataViewSchema.Column?)null, ForecastColumns.FindSeries(data.Schema, Columns.Options));
        using var cursor = data.GetRowCursor(targets.Append(score).Concat(new[] { quantiles, series }.OfType<DataViewSchema.Column>()).DistinctBy(column => column.Index));
        var numbers = new SeriesNumbers(cursor, targets);
        var seriesNumbers = series is { } column ? ValueNumbers.Create(cursor, column) : null;
        var scores = cursor.GetGetter<VBuffer<float>>(score);
        var levels = quantiles is { } some ? cursor.GetGetter<VBuffer<float>>(some) : null;
        var waiting = new List<Queue<Waiting>>();
        for (var row = 0L; cursor.MoveNext(); row++)
        {
            var number = seriesNumbers?.Read() ?? 0;
            while (waiting.Count <= number)
                waiting.Add(new Queue<Waiting>());
            var values = new float[Columns.Targets.Count];
            var queue = waiting[number];
            // a value that is missing cannot judge: neither the forecasts that say it, nor does any begin here
            if (!numbers.Read(values, MissingFeatures.SkipRow, row))
            {
                queue.Clear();
                continue;
            }
            foreach (var forecast in queue)
                forecast.Truth.Add(values);
            if (queue.TryPeek(out var oldest) && oldest.Truth.Count == Columns.Horizon)
                Judge(queue.Dequeue());
            var next = new Waiting();
            scores(ref next.Score);
            levels?.Invoke(ref next.Quantiles);
            if (!float.IsNaN(next.Score.GetItemOrDefault(0)))
                queue.Enqueue(next);
        }
        return forecasts > 0 ? Metrics() : throw new ArgumentException(
            $"No row has both a forecast and the {Columns.Horizon} rows that follow it: a series needs a window of {Columns.Window} rows and the horizon. " +
            "mlContext.Data.TimeSeriesSplit lets validation and test parts look back into the rows before them by its lookBack.", nameof(data));
    }

    private void Judge(Waiting forecast)
    {
        forecasts++;
        var score = forecast.Score.GetValues();
        var levels = forecast.Quantiles.GetValues();
        for (var target = 0; target < units.Length; target++)
            for (var step = 0; step < Columns.Horizon; step++)
            {
                var place = target * Columns.Horizon + step;
                double truth = forecast.Truth[step][target], said = score[place];
                var error = (said - truth) / units[target];
                squares += error * error;
                squaresOfSteps[step] += error * error;
                absolutes[target] += Math.Abs(error);
                percents += truth == 0 && said == 0 ? 0 : 200 * Math.Abs(said - truth) / (Math.Abs(said) + Math.Abs(truth));
                for (var i = 0; i < pinballs.Length; i++)
                {
                    var difference = truth - levels[place * pinballs.Length + i];
                    pinballs[i] += Math.Max(Quantiles[i] * difference, (Quantiles[i] - 1) * difference) / units[target];
                    covered[i] += difference <= 0 ? 1 : 0;
                }
            }
    }

    private ForecastMetrics Metrics()
    {
        var ofTarget = (double)forecasts * Columns.Horizon;
        var all = ofTarget * units.Length;
        return new ForecastMetrics
        {
            MeanSquaredError = squares / all,
            MeanAbsoluteError = absolutes.Sum() / all,
            // the unit falls out of the ratio
            MeanAbsoluteScaledError = task.NaiveErrors is { } naive ? absolutes.Select((sum, i) => sum / ofTarget * units[i] / naive[i]).Average() : double.NaN,
            SymmetricMeanAbsolutePercentageError = percents / all,
            Quantiles = [.. pinballs.Select((sum, i) => new QuantileError(Quantiles[i], sum / all, covered[i] / all))],
            MeanSquaredErrorOfSteps = [.. squaresOfSteps.Select(sum => sum / forecasts / units.Length)],
            MeanAbsoluteErrorOfTargets = [.. absolutes.Select(sum => sum / ofTarget)],
            Forecasts = forecasts,
        };
    }

    private sealed class Waiting
    {
        public VBuffer<float> Score;
        public VBuffer<float> Quantiles;

        public List<float[]> Truth { get; } = [];
    }
}
