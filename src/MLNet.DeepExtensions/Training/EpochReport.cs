namespace MLNet.DeepExtensions;

/// <summary>What one epoch of training gave.</summary>
public sealed record EpochReport
{
    /// <summary>Gets the number of the epoch; the first is 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Gets how many epochs the run was asked for.</summary>
    public required int Epochs { get; init; }

    /// <summary>Gets the number of optimizer steps since the start of the run.</summary>
    public required long Step { get; init; }

    /// <summary>Gets the learning rate of the epoch's last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Gets how many training rows the epoch saw.</summary>
    public required long Rows { get; init; }

    /// <summary>Gets how long the epoch took, its validation included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Gets the metrics over the training rows by name (<c>loss</c>, <c>accuracy</c>, …), gathered while the weights were changing.</summary>
    public required IReadOnlyDictionary<string, double> Train { get; init; }

    /// <summary>Gets the metrics over the whole validation set at the end of the epoch, or nothing where there is none.</summary>
    public IReadOnlyDictionary<string, double>? Validation { get; init; }

    /// <summary>Gets a validation metric by name.</summary>
    /// <exception cref="ArgumentException">There is no such metric, or no validation set.</exception>
    internal double ValidationValue(string name) => Validation is { } values && values.TryGetValue(name, out var value) ? value : throw new ArgumentException(
        Validation is null ? $"There is no validation '{name}', since there is no validation set." : $"There is no validation metric '{name}'; there are: {string.Join(", ", Validation.Keys)}.");
}
