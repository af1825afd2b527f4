using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions;

/// <summary>
/// Trains a deep network to forecast time series as a step of an ML.NET pipeline. Made by <c>mlContext.Forecasting.Trainers.Deep(…)</c>.
/// The series are kept once; windows are views of them, gathered batch by batch.
/// </summary>
public sealed class DeepForecastTrainer : IEstimator<DeepForecastTransformer>
{
    private readonly DeepTrainer trainer;

    internal DeepForecastTrainer(IHostEnvironment environment, ModelConfig model, ForecastOptions forecast, DeepTrainerOptions options) =>
        trainer = new DeepTrainer(environment, new RegressionTask(), model, options, new SeriesWindows(forecast));

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => trainer.GetOutputSchema(inputSchema);

    /// <summary>
    /// Trains on all windows of all series, or, with <see cref="DeepTrainerOptions.ValidationFraction"/>, on all but the last of each series; windows that reach into those are left out.
    /// </summary>
    /// <param name="input">The rows, in the order of time within each series.</param>
    /// <returns>The trained forecaster; dispose it when no longer needed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type; the message says what to write.</exception>
    /// <exception cref="InvalidOperationException">Times do not rise, something is missing, or no series is long enough for a window and the horizon.</exception>
    /// <exception cref="TrainingDivergedException">The loss became infinite or NaN.</exception>
    public DeepForecastTransformer Fit(IDataView input) => new(trainer.Train(input, null));

    /// <summary>Trains on one part of the time and validates on another after each epoch. In a pipeline, <c>pipeline.Fit(train, validation)</c> hands both on.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <param name="validationData">
    /// The validation rows, which passed through the same fitted steps. <c>mlContext.Data.TimeSeriesSplit</c> makes such parts, and lets this one look back at the window before it.
    /// </param>
    /// <returns>The trained forecaster; dispose it when no longer needed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type; the message says what to write.</exception>
    /// <exception cref="InvalidOperationException">Times do not rise, something is missing, or no series is long enough for a window and the horizon.</exception>
    /// <exception cref="TrainingDivergedException">The loss became infinite or NaN.</exception>
    public DeepForecastTransformer Fit(IDataView trainData, IDataView validationData)
    {
        ArgumentNullException.ThrowIfNull(validationData);
        return new DeepForecastTransformer(trainer.Train(trainData, validationData));
    }

    /// <inheritdoc cref="DeepTrainer.FindLearningRate"/>
    public LearningRateCurve FindLearningRate(IDataView data, double from = 1e-7, double to = 10, int steps = 100) => trainer.FindLearningRate(data, from, to, steps);
}
