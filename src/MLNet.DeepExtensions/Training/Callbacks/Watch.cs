namespace MLNet.DeepExtensions;

/// <summary>Which figure of validation a callback watches, and which direction is better.</summary>
internal readonly record struct Watch(string Metric, bool HigherIsBetter)
{
    /// <exception cref="InvalidOperationException">There is no validation set, or no such metric.</exception>
    public static Watch For(string callback, string metric, bool? higherIsBetter, TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.HasValidation)
            throw new InvalidOperationException($"{callback} watches validation, but there is no validation set. Call Fit(train, validation), or set ValidationFraction in the trainer's options.");
        var found = state.Metrics.FirstOrDefault(known => known.Name == metric);
        if (found is null && metric != "loss")
            throw new InvalidOperationException($"{callback} watches '{metric}', but what is measured is: {string.Join(", ", state.Metrics.Select(known => known.Name).Prepend("loss"))}. " +
                "Set Monitor to one of these, or add the metric to Metrics in the trainer's options.");
        return new Watch(metric, higherIsBetter ?? found?.HigherIsBetter ?? false);
    }

    /// <summary>By how much a value is better than another.</summary>
    public double Gain(double value, double best) => HigherIsBetter ? value - best : best - value;
}
