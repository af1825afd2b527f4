namespace MLNet.DeepExtensions;

/// <summary>What happened in a run, epoch by epoch. It is saved with the model.</summary>
public sealed record TrainingHistory
{
    /// <summary>Gets the epochs in the order in which they ran.</summary>
    public IReadOnlyList<EpochReport> Epochs { get; init; } = [];

    /// <summary>Gets why the run ended.</summary>
    public StopReason Stopped { get; init; } = StopReason.Completed;

    /// <summary>Gets the epoch whose weights the model has: the best one where validation chose it, else the last that ended; 0 where none did.</summary>
    /// <remarks>A run without validation that was stopped halfway through an epoch has the weights of that moment.</remarks>
    public int BestEpoch { get; init; }

    /// <summary>Gets how long it took to read the rows into memory before the first epoch.</summary>
    public TimeSpan IngestTime { get; init; }

    /// <summary>Gets the conditions: seed, rows, settings, versions. Null for a model of a version that did not write them down.</summary>
    public TrainingRun? Run { get; init; }
}

/// <summary>Why a run of training ended.</summary>
public enum StopReason
{
    /// <summary>All epochs ran.</summary>
    Completed,

    /// <summary>A callback such as early stopping asked for it.</summary>
    Requested,

    /// <summary>MaxSteps or MaxTime was reached.</summary>
    LimitReached,

    /// <summary>The caller's token was cancelled; the model has the best weights so far.</summary>
    Cancelled,
}
