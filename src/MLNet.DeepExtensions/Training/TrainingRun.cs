namespace MLNet.DeepExtensions;

/// <summary>Under what conditions a run took place: what a reader of its figures, or who wants to repeat it, must know. It is saved with the model.</summary>
public sealed record TrainingRun
{
    /// <summary>Gets when it began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Gets how long it took, reading included; of a run that went on after an interruption, its last part.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Gets the seed of weights, order, dropout and augmentation.</summary>
    public required int Seed { get; init; }

    /// <summary>Gets the training rows; null where they were read anew in each epoch and nobody knew their number.</summary>
    public long? TrainingRows { get; init; }

    /// <summary>Gets the validation rows; null where there was no validation.</summary>
    public long? ValidationRows { get; init; }

    /// <summary>Gets the columns of the training data, by name, with their types as ML.NET writes them; the first 200.</summary>
    public IReadOnlyList<TrainingColumn> Columns { get; init; } = [];

    /// <summary>Gets the settings that decide the numbers: <c>optimizer.learningRate</c>, <c>batchSize</c>, <c>model.hiddenSizes</c>, …</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets what it ran on: the versions of the libraries, the device, the number of threads, the processor's kind, the operating system.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>A column of the data that a network was trained on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as ML.NET writes it.</param>
/// <param name="Role">What it was to the trainer: <c>label</c>, <c>features</c>, <c>weight</c>; null for others.</param>
public sealed record TrainingColumn(string Name, string Type, string? Role = null);
