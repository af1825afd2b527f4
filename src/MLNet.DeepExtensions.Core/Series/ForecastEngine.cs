using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Makes forecasts from recent rows, as they come from an application. Any number of threads may use one engine.</summary>
/// <typeparam name="TRow">A class whose members are the columns that the model's pipeline reads.</typeparam>
public sealed class ForecastEngine<TRow> where TRow : class
{
    private readonly MLContext ml;
    private readonly ITransformer model;
    private readonly ForecastTask task;

    internal ForecastEngine(MLContext ml, ITransformer model)
    {
        (this.ml, this.model) = (ml, model);
        task = ForecastTask.Of(model.GetOutputSchema(ml.Data.LoadFromEnumerable(Array.Empty<TRow>()).Schema));
    }

    /// <summary>Gets how many rows of history a forecast needs.</summary>
    public int Window => task.Columns.Window;

    /// <summary>Gets how many rows ahead a forecast says.</summary>
    public int Horizon => task.Columns.Horizon;

    /// <summary>Makes the forecast of the rows that follow.</summary>
    /// <param name="history">The recent rows of one series in the order of time, the newest last; at least <see cref="Window"/>.</param>
    /// <param name="future">
    /// The rows that follow, with what is known ahead, in the order of time; at least <see cref="Horizon"/>. What their targets say does not matter. Null where the model knows nothing ahead.
    /// </param>
    /// <returns>The forecast.</returns>
    /// <exception cref="ArgumentException">There are too few rows, or something is missing in the last ones; the message says what.</exception>
    public Forecast Predict(IEnumerable<TRow> history, IEnumerable<TRow>? future = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        var (rows, ahead) = (history.ToList(), future?.Take(Horizon).ToList() ?? []);
        if (rows.Count < Window)
            throw new ArgumentException($"A forecast needs {Window} rows of history, but there are {rows.Count}.", nameof(history));
        if (task.Columns.Known > 0 && ahead.Count < Horizon)
            throw new ArgumentException($"The model sees columns that are known ahead: give the {Horizon} rows that follow as future, with their known columns, and not {ahead.Count}.", nameof(future));
        // what lies further back is not looked at
        var seen = rows.TakeLast(Window).Concat(ahead).ToList();
        var scored = model.Transform(ml.Data.LoadFromEnumerable(seen));
        var (score, quantiles) = (scored.Schema[DefaultNames.Score], scored.Schema.GetColumnOrNull("Quantiles"));
        using var cursor = scored.GetRowCursor(quantiles is { } column ? [score, column] : [score]);
        var (values, levels) = (default(VBuffer<float>), default(VBuffer<float>));
        for (var row = 0; row < Window; row++)
            if (!cursor.MoveNext())
                throw new ArgumentException($"A step of the pipeline left rows out: only {row} of the {Window} rows of history arrive at the forecaster.", nameof(history));
        cursor.GetGetter<VBuffer<float>>(score)(ref values);
        if (quantiles is { } some)
            cursor.GetGetter<VBuffer<float>>(some)(ref levels);
        var forecast = new Forecast(task, [.. values.DenseValues()], quantiles is null ? [] : [.. levels.DenseValues()]);
        return forecast.Values.All(float.IsNaN)
            ? throw new ArgumentException($"There is no whole history: of the last {Window} rows one has NaN in a target or a known column, they are not all of one series, or a known column is missing in the rows that follow.", nameof(history))
            : forecast;
    }
}

/// <summary>What is said of the rows that follow.</summary>
public sealed class Forecast
{
    private readonly ForecastTask task;
    private readonly float[] quantiles;

    internal Forecast(ForecastTask task, float[] values, float[] quantiles) => (this.task, Values, this.quantiles) = (task, values, quantiles);

    /// <summary>Gets all values, each target's horizon behind that of the one before, in the targets' own unit.</summary>
    public IReadOnlyList<float> Values { get; }

    /// <summary>Gets the names of the targets.</summary>
    public IReadOnlyList<string> Targets => task.Columns.Targets;

    /// <summary>Gets the quantiles that are given, rising; empty where none are.</summary>
    public IReadOnlyList<double> Quantiles => task.Form.Quantiles ?? [];

    /// <summary>Gets a value.</summary>
    /// <param name="step">How far ahead, from 1.</param>
    /// <param name="target">The number of the target, from 0.</param>
    public float this[int step, int target = 0] => Values[Place(step, target)];

    /// <summary>Gets what a value stays below in such a share of cases.</summary>
    /// <param name="quantile">One of <see cref="Quantiles"/>.</param>
    /// <param name="step">How far ahead, from 1.</param>
    /// <param name="target">The number of the target, from 0.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such quantile, step or target.</exception>
    public float Quantile(double quantile, int step, int target = 0)
    {
        var number = Quantiles.ToList().FindIndex(held => Math.Abs(held - quantile) < 1e-9);
        return number >= 0 ? quantiles[Place(step, target) * Quantiles.Count + number] : throw new ArgumentOutOfRangeException(nameof(quantile), quantile,
            Quantiles.Count == 0 ? "The model gives no quantiles: train it with Loss = new Quantile { … }." : $"The model gives the quantiles {string.Join(", ", Quantiles)}.");
    }

    private int Place(int step, int target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, task.Columns.Horizon);
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(target, Targets.Count);
        return target * task.Columns.Horizon + step - 1;
    }
}
