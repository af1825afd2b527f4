namespace MLNet.DeepExtensions;

/// <summary>
/// Takes part in a run of training: override what you need, read the state, change the optimizer's learning rate, ask for a stop.
/// One object may serve several runs, one after the other: take your own state back in <see cref="OnTrainBegin"/>.
/// </summary>
public abstract class Callback
{
    /// <summary>Called once, before the first epoch.</summary>
    /// <param name="state">The run.</param>
    public virtual void OnTrainBegin(TrainingState state) { }

    /// <summary>Called before an epoch's first batch.</summary>
    /// <param name="state">The run.</param>
    public virtual void OnEpochBegin(TrainingState state) { }

    /// <summary>Called after each step, when the weights have changed.</summary>
    /// <param name="state">The run; <see cref="TrainingState.LastLoss"/> is this batch's.</param>
    public virtual void OnBatchEnd(TrainingState state) { }

    /// <summary>Called between an epoch's last batch and its validation, where there is a validation set.</summary>
    /// <param name="state">The run.</param>
    public virtual void OnValidationBegin(TrainingState state) { }

    /// <summary>Called after an epoch and its validation. An epoch that was stopped halfway has no report and no call.</summary>
    /// <param name="state">The run.</param>
    /// <param name="report">What the epoch gave.</param>
    public virtual void OnEpochEnd(TrainingState state, EpochReport report) { }

    /// <summary>Called once, however the run ended, unless by an exception.</summary>
    /// <param name="state">The run.</param>
    public virtual void OnTrainEnd(TrainingState state) { }

    /// <summary>Called when a checkpoint is written: keep what the next steps depend on.</summary>
    /// <param name="saved">Takes it.</param>
    public virtual void SaveState(SavedState saved) { }

    /// <summary>Called after <see cref="OnTrainBegin"/> when a run is resumed: take back what <see cref="SaveState"/> kept.</summary>
    /// <param name="saved">Holds it.</param>
    public virtual void LoadState(SavedState saved) { }
}
