using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// A trained forecaster as an ML.NET transformer: beside each row it puts the forecast of the rows that follow it, made from the row and those of its series before it.
/// Any number of threads may use one transformer.
/// </summary>
/// <remarks>
/// A forecast depends on other rows, so this is no row-to-row mapper and <c>CreatePredictionEngine</c> refuses it: make a <see cref="ForecastEngine{TRow}"/>.
/// The columns of the series are read whole when the first forecast is asked for, and kept as long as the view that <see cref="Transform"/> gave.
/// </remarks>
public abstract class ForecastTransformer : ITransformer, IDisposable
{
    private readonly ScoringEngine engine;
    private readonly IReadOnlyList<OutputColumn> outputs;

    internal ForecastTransformer(ScoringEngine engine)
    {
        this.engine = engine;
        Task = engine.Task as ForecastTask ?? throw new InvalidModelFileException("The saved model is no forecaster.");
        outputs = Task.OutputColumns();
    }

    /// <summary>Gets what is forecast, from what, and how far.</summary>
    public ForecastOptions Options => Task.Columns.Options;

    /// <summary>Gets the name of each target, in the order of the score.</summary>
    public IReadOnlyList<string> Targets => Task.Columns.Targets;

    /// <summary>Gets the quantiles that the forecast gives, rising; empty where it gives none.</summary>
    public IReadOnlyList<double> Quantiles => Task.Form.Quantiles ?? [];

    internal ForecastTask Task { get; }

    bool ITransformer.IsRowToRowMapper => false;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Task.Columns.Check(inputSchema);
        return new ScoredSchema([], outputs, inputSchema).Output;
    }

    /// <summary>Puts forecasts beside the rows.</summary>
    /// <param name="input">Rows in the order of time. Targets of rows that are yet to come may be NaN.</param>
    /// <returns>
    /// The rows with <c>Score</c>, [horizon] for one target that is a number, else [targets, horizon], in the targets' own unit; <c>Quantiles</c>, […, quantiles], or <c>Variance</c> where the loss gives them.
    /// All are NaN in rows with too little history, and, where columns are known ahead, in rows that fewer rows follow than the horizon has.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type than in training.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Task.Columns.Check(input.Schema);
        return new ForecastDataView(engine, Task, new ScoredSchema([], outputs, input.Schema), input);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => throw new InvalidOperationException(
        "A forecast is made from many rows, not from one. Use a forecast engine: model.CreateForecastEngine<TRow>(mlContext), which takes the recent rows.");

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedForecaster.Save(ctx, engine);

    /// <summary>Frees the network, once those who are scoring with it at this moment are done.</summary>
    public void Dispose()
    {
        engine.Dispose();
        GC.SuppressFinalize(this);
    }
}
