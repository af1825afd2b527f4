using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Says a few times in a second where the run stands, how fast it goes and how long it will still take; at the end of each epoch always. Between two reports a step costs a look at the clock.
/// </summary>
public sealed class ReportProgress : Callback
{
    private readonly IProgress<RunProgress> progress;
    private readonly TimeProvider clock;
    private readonly Pace pace;
    private long reported;

    /// <summary>Names who is told.</summary>
    /// <param name="progress">Is told on the training thread; <see cref="Progress{T}"/> hands it on to where it was made.</param>
    public ReportProgress(IProgress<RunProgress> progress) : this(progress, TimeProvider.System) { }

    internal ReportProgress(IProgress<RunProgress> progress, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(progress);
        (this.progress, this.clock, pace) = (progress, clock, new Pace(clock));
    }

    /// <summary>Gets the shortest time between two reports within an epoch, in seconds.</summary>
    /// <value>In [0, 3600]. The default is 0.25; 0 reports each step.</value>
    [Range(0.0, 3600)]
    public double IntervalSeconds { get; init; } = 0.25;

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingState state)
    {
        reported = clock.GetTimestamp();
        pace.TrainBegin();
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        pace.EpochBegin(state);
    }

    /// <inheritdoc/>
    public override void OnBatchEnd(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var now = pace.StepEnd(state);
        if (clock.GetElapsedTime(reported, now).TotalSeconds < IntervalSeconds)
            return;
        reported = now;
        progress.Report(pace.Describe(state));
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(state);
        pace.EpochEnd(state);
        reported = clock.GetTimestamp();
        progress.Report(pace.Describe(state, report));
    }
}
