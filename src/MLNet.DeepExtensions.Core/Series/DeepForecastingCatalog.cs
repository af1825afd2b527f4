using MLNet.DeepExtensions;

namespace Microsoft.ML;

/// <summary>What there is for forecasts beside the trainer, under <c>mlContext.Forecasting</c> and at fitted models.</summary>
public static class DeepForecastingCatalog
{
    /// <summary>Makes an engine that gives forecasts from recent rows.</summary>
    /// <typeparam name="TRow">A class whose members are the columns that the pipeline reads.</typeparam>
    /// <param name="model">A fitted pipeline with a forecaster, or what <c>mlContext.Model.Load</c> gave.</param>
    /// <param name="mlContext">The context.</param>
    /// <returns>The engine; any number of threads may use it, as long as the model is not disposed.</returns>
    /// <exception cref="System.ArgumentException">The model has no forecaster.</exception>
    public static ForecastEngine<TRow> CreateForecastEngine<TRow>(this ITransformer model, MLContext mlContext) where TRow : class
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(mlContext);
        return new ForecastEngine<TRow>(mlContext, model);
    }

    /// <summary>
    /// Judges forecasts by the rows that followed: each row with a forecast whose whole horizon is in the data counts, the next row as much as the last (rolling evaluation).
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Forecasting</c>.</param>
    /// <param name="data">What a fitted pipeline's <c>Transform</c> gave: forecasts, and the target columns that were forecast.</param>
    /// <param name="scaled">
    /// Whether errors are divided by each target's standard deviation over the training rows, as the published numbers of most benchmarks are; false, the default, leaves the targets' own unit.
    /// </param>
    /// <returns>The errors.</returns>
    /// <exception cref="System.ArgumentException">The data has no forecasts of ours, or no row whose whole horizon follows.</exception>
    public static ForecastMetrics Evaluate(this ForecastingCatalog catalog, IDataView data, bool scaled = false)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        return new ForecastEvaluation(data, scaled).Run();
    }
}
