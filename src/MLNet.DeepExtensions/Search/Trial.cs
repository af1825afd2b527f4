namespace MLNet.DeepExtensions;

/// <summary>A candidate that was trained with a budget, and what came of it.</summary>
public abstract class Trial
{
    private protected Trial()
    {
    }

    /// <summary>Gets the candidate's number, from 1. With successive halving a candidate has a trial for each budget that it was given.</summary>
    public required int Number { get; init; }

    /// <summary>Gets the settings that were drawn for the candidate, in the order in which they were drawn.</summary>
    public required IReadOnlyList<TrialParameter> Parameters { get; init; }

    /// <summary>Gets how many epochs it was given in all; null where the pipeline has no network that took a budget.</summary>
    public int? Epochs { get; init; }

    /// <summary>Gets what the objective said; NaN where the trial failed.</summary>
    public double Score { get; init; } = double.NaN;

    /// <summary>Gets how long this trial took, its epochs of earlier trials not included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets why the trial failed, for example by a <see cref="TrainingDivergedException"/>; null where it did not.</summary>
    public Exception? Error { get; init; }

    /// <summary>Gets what happened in training, epochs of earlier trials included; null where the trial failed or the pipeline has no network.</summary>
    public TrainingHistory? History { get; init; }
}

/// <summary>A candidate that was trained with a budget, and what came of it.</summary>
/// <typeparam name="TCandidate">What the candidates of the search are.</typeparam>
public sealed class Trial<TCandidate> : Trial
{
    internal Trial()
    {
    }

    /// <summary>Gets the candidate.</summary>
    public required TCandidate Candidate { get; init; }
}
