namespace MLNet.DeepExtensions;

/// <summary>How far forecasts were from what came: means over all forecasts, steps and targets.</summary>
public sealed record ForecastMetrics
{
    /// <summary>Gets the mean of the squared errors.</summary>
    public required double MeanSquaredError { get; init; }

    /// <summary>Gets the mean of the errors' sizes.</summary>
    public required double MeanAbsoluteError { get; init; }

    /// <summary>
    /// Gets the mean absolute scaled error (Hyndman and Koehler 2006): each target's mean absolute error, divided by that of saying again what was one
    /// <see cref="ForecastOptions.Season"/> ago, on the training rows; the mean over the targets. Below 1 is better than that. NaN where the training rows say nothing.
    /// </summary>
    public required double MeanAbsoluteScaledError { get; init; }

    /// <summary>Gets the symmetric mean absolute percentage error, 200 |y - ŷ| / (|y| + |ŷ|), from 0 to 200 (Makridakis 1993); two zeros have no error. It means something where values have a natural zero.</summary>
    public required double SymmetricMeanAbsolutePercentageError { get; init; }

    /// <summary>Gets the pinball loss of each quantile that the forecasts give, with the quantile; the usual mean of them is their average. Empty where none are given.</summary>
    public required IReadOnlyList<QuantileError> Quantiles { get; init; }

    /// <summary>Gets the mean squared error of each step ahead, from the first.</summary>
    public required IReadOnlyList<double> MeanSquaredErrorOfSteps { get; init; }

    /// <summary>Gets the mean absolute error of each target.</summary>
    public required IReadOnlyList<double> MeanAbsoluteErrorOfTargets { get; init; }

    /// <summary>Gets the number of forecasts that were judged.</summary>
    public required long Forecasts { get; init; }
}

/// <summary>How good a quantile is.</summary>
/// <param name="Quantile">The quantile.</param>
/// <param name="PinballLoss">The mean of max(q d, (q - 1) d) for the difference d of value and forecast.</param>
/// <param name="Coverage">The share of values that did not exceed it; near the quantile where it is right.</param>
public sealed record QuantileError(double Quantile, double PinballLoss, double Coverage);
