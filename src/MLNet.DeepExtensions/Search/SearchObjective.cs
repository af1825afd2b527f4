using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>What a search makes as low or as high as it can: a figure of validation, or a function of the fitted pipeline.</summary>
public sealed class SearchObjective
{
    private readonly Func<ITransformer, double>? function;

    private SearchObjective(string name, bool higherIsBetter, Func<ITransformer, double>? function)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (Name, HigherIsBetter, this.function) = (name, higherIsBetter, function);
    }

    /// <summary>Gets the name of the figure.</summary>
    public string Name { get; }

    /// <summary>Gets whether a higher score is better.</summary>
    public bool HigherIsBetter { get; }

    /// <summary>Whether the score is a figure of each epoch.</summary>
    internal bool IsMetric => function is null;

    /// <summary>Looks for the lowest value of a validation metric, in the epoch whose weights the model has.</summary>
    /// <param name="metric">Its name in the training history: <c>loss</c>, <c>rmse</c>, <c>mae</c>. Losses of candidates with different loss functions cannot be compared.</param>
    /// <returns>The objective.</returns>
    public static SearchObjective Lowest(string metric) => new(metric, higherIsBetter: false, null);

    /// <summary>Looks for the highest value of a validation metric, in the epoch whose weights the model has.</summary>
    /// <param name="metric">Its name in the training history, such as <c>accuracy</c>.</param>
    /// <returns>The objective.</returns>
    public static SearchObjective Highest(string metric) => new(metric, higherIsBetter: true, null);

    /// <summary>Looks for the lowest value of a function.</summary>
    /// <param name="name">What the tables and pictures call it.</param>
    /// <param name="function">Judges a fitted pipeline, for example by one of ML.NET's evaluators on the validation rows. It must not keep the pipeline, which is disposed when a better one is found.</param>
    /// <returns>The objective.</returns>
    public static SearchObjective Lowest(string name, Func<ITransformer, double> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(name, higherIsBetter: false, function);
    }

    /// <summary>Looks for the highest value of a function.</summary>
    /// <param name="name">What the tables and pictures call it.</param>
    /// <param name="function">Judges a fitted pipeline, for example by one of ML.NET's evaluators on the validation rows. It must not keep the pipeline, which is disposed when a better one is found.</param>
    /// <returns>The objective.</returns>
    public static SearchObjective Highest(string name, Func<ITransformer, double> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(name, higherIsBetter: true, function);
    }

    /// <summary>Judges a fitted pipeline.</summary>
    /// <exception cref="InvalidOperationException">There is no such figure, or it is no number.</exception>
    internal double Measure(ITransformer model)
    {
        var score = function?.Invoke(model) ?? Metric(NetworkIn(model)?.History);
        return double.IsFinite(score) ? score : throw new InvalidOperationException($"The objective '{Name}' is {score}, by which nothing can be compared.");
    }

    /// <summary>Whether a score is better than another; any is better than none (NaN).</summary>
    internal bool IsBetter(double score, double other) => double.IsNaN(other) ? !double.IsNaN(score) : HigherIsBetter ? score > other : score < other;

    /// <summary>The last network of a fitted pipeline, if there is one.</summary>
    internal static DeepTransformer? NetworkIn(ITransformer model) => model switch
    {
        DeepTransformer network => network,
        IEnumerable<ITransformer> steps => steps.Reverse().Select(NetworkIn).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private double Metric(TrainingHistory? history)
    {
        if (history is null)
            throw new InvalidOperationException($"The objective '{Name}' is a figure of a network's training, but the pipeline has no network. Give a function: SearchObjective.{(HigherIsBetter ? "Highest" : "Lowest")}(\"{Name}\", model => …).");
        var epoch = history.Epochs.FirstOrDefault(report => report.Epoch == history.BestEpoch)
            ?? throw new InvalidOperationException($"The objective '{Name}' is a figure of an epoch, but none has ended. Give the trial more time.");
        return epoch.ValidationValue(Name);
    }
}
