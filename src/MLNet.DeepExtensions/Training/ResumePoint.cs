namespace MLNet.DeepExtensions;

/// <summary>Where an earlier run stood, for one that goes on.</summary>
internal abstract class ResumePoint
{
    /// <summary>Gets whether that was within an epoch, not after one.</summary>
    public abstract bool IsMidway { get; }

    /// <summary>Gets the figures over the training rows, where they had all been gone through but the epoch's validation had not ended.</summary>
    public abstract Dictionary<string, double>? TrainFigures { get; }

    /// <summary>Puts a run there, when its callbacks have begun.</summary>
    public abstract void RestoreRun(TrainingState state, IReadOnlyList<Callback> callbacks);

    /// <summary>Gives loss and metrics their sums back, when the epoch that goes on has begun.</summary>
    public abstract void RestoreSums(TrainingState state);
}
