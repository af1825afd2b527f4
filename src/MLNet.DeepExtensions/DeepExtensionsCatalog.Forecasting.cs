using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>Trains a deep network that forecasts one column of a time series.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Forecasting.Trainers</c>.</param>
    /// <param name="model">The architecture, for example <c>new NLinear()</c>, <c>new DLinear()</c>, <c>new PatchTransformer()</c>, or any that takes a <see cref="SequenceShape"/>.</param>
    /// <param name="targetColumnName">What to forecast: a number, or a vector of Single of one length, in the order of time.</param>
    /// <param name="window">How many rows the network looks back, the newest one included; at least 1.</param>
    /// <param name="horizon">How many rows ahead it says; at least 1.</param>
    /// <returns>The trainer, to be appended to a pipeline. It adds <c>Score</c>; with the loss <see cref="Quantile"/> also <c>Quantiles</c>, with <see cref="GaussianNll"/> also <c>Variance</c>.</returns>
    /// <remarks>
    /// <para><b>Trainer characteristics.</b> One model for any number of series and targets; each target is scaled to mean 0 and standard deviation 1 over the training rows, unless
    /// <see cref="DeepTrainerOptions.ScaleTargets"/> says no, and forecasts are scaled back; no cache checkpoint is needed; needs TorchSharp-cpu or a CUDA package in the application.</para>
    /// <para><b>Training algorithm.</b> Mini-batch gradient descent by back-propagation over all windows of all series; the options name the optimizer and the loss.</para>
    /// </remarks>
    /// <exception cref="System.ArgumentException">An option is out of its range; the message lists all of them.</exception>
    public static DeepForecastTrainer Deep(this ForecastingCatalog.Forecasters catalog, ModelConfig model, string targetColumnName, int window, int horizon) =>
        catalog.Deep(model, new ForecastOptions { TargetColumns = [targetColumnName], Window = window, Horizon = horizon });

    /// <inheritdoc cref="Deep(ForecastingCatalog.Forecasters, ModelConfig, string, int, int)"/>
    /// <summary>Trains a deep network that forecasts time series.</summary>
    /// <param name="forecast">What is to be forecast, from what, and how far.</param>
    /// <param name="options">How to train; null takes the defaults.</param>
#pragma warning disable CS1573 // the other parameters are inherited
    public static DeepForecastTrainer Deep(this ForecastingCatalog.Forecasters catalog, ModelConfig model, ForecastOptions forecast, DeepTrainerOptions? options = null) =>
        new(HostDoors.EnvironmentOf(catalog), model, forecast, options ?? new DeepTrainerOptions());
#pragma warning restore CS1573
}
