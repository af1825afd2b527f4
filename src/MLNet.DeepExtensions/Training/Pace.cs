namespace MLNet.DeepExtensions;

/// <summary>
/// How fast a run goes, and how long it will still take: the time of a step as a mean that forgets what is longer ago than some seconds, and the time that validation and the rest took
/// in the epochs that ended. It looks at the clock and at counters alone, so it never waits for a device.
/// </summary>
internal sealed class Pace(TimeProvider clock)
{
    private const double MemorySeconds = 20;

    private long begun, looked, lastStepEnded;
    private long stepThen = -1, rowsThen;
    private double seconds, rows, weight;                       // of a step, decaying; the weight undoes the bias towards 0 of the first moments
    private double restSeconds;                                 // between the last step of an epoch and the next epoch
    private int restEpochs;

    public void TrainBegin()
    {
        begun = looked = lastStepEnded = clock.GetTimestamp();
        (stepThen, rowsThen, seconds, rows, weight, restSeconds, restEpochs) = (-1, 0, 0, 0, 0, 0, 0);
    }

    public void EpochBegin(TrainingState state) => (looked, stepThen, rowsThen) = (clock.GetTimestamp(), state.Step, 0);

    /// <summary>Notes that a step has ended.</summary>
    /// <param name="state">The run.</param>
    /// <returns>The time, as the clock's timestamp.</returns>
    public long StepEnd(TrainingState state)
    {
        lastStepEnded = clock.GetTimestamp();
        if (stepThen < 0)                                       // a run that goes on in the midst of an epoch
            (stepThen, rowsThen) = (state.Step - 1, state.RowsInEpoch - state.RowsInEpoch / state.StepInEpoch);
        return lastStepEnded;
    }

    public void EpochEnd(TrainingState state)
    {
        Look(state);
        restSeconds += clock.GetElapsedTime(lastStepEnded).TotalSeconds;
        restEpochs++;
    }

    /// <summary>Where the run stands, with what is left.</summary>
    /// <param name="state">The run.</param>
    /// <param name="report">The report of the epoch, where one has just ended.</param>
    public RunProgress Describe(TrainingState state, EpochReport? report = null)
    {
        Look(state);
        var (step, rest) = (seconds / weight, restEpochs == 0 ? 0 : restSeconds / restEpochs);
        // a source that is read anew in each epoch may not know its length before the first has ended
        var isLengthKnown = weight > 0 && state.StepsPerEpoch > 0 && state.StepInEpoch <= state.StepsPerEpoch;
        double? epoch = !isLengthKnown ? null : report is not null ? 0 : (state.StepsPerEpoch - state.StepInEpoch) * step + rest;
        var run = epoch + (state.Epochs - state.Epoch) * (state.StepsPerEpoch * step + rest);
        if (state.MaxSteps is { } steps && weight > 0)
            run = Least(run, Math.Max(0, steps - state.Step) * step);
        if (state.MaxTime is { } time)
            run = Least(run, Math.Max(0, (time - clock.GetElapsedTime(begun)).TotalSeconds));
        if (state.Stopping is not null)
            run = 0;
        return new RunProgress
        {
            Epoch = state.Epoch, Epochs = state.Epochs, StepInEpoch = state.StepInEpoch, StepsPerEpoch = state.StepsPerEpoch, Step = state.Step,
            Loss = report?.Train.GetValueOrDefault("loss", double.NaN) ?? state.MeanLoss, RowsPerSecond = weight > 0 ? rows / seconds : double.NaN,
            Elapsed = clock.GetElapsedTime(begun), EpochRemaining = Span(Least(epoch, run ?? double.PositiveInfinity)), RunRemaining = Span(run), Report = report,
        };
    }

    private void Look(TrainingState state)
    {
        var steps = state.Step - stepThen;
        var elapsed = clock.GetElapsedTime(looked, lastStepEnded).TotalSeconds;
        if (stepThen < 0 || steps <= 0 || elapsed <= 0)
            return;
        var decay = Math.Exp(-elapsed / MemorySeconds);
        seconds = seconds * decay + elapsed / steps * (1 - decay);
        rows = rows * decay + (double)(state.RowsInEpoch - rowsThen) / steps * (1 - decay);
        weight = weight * decay + 1 - decay;
        (looked, stepThen, rowsThen) = (lastStepEnded, state.Step, state.RowsInEpoch);
    }

    private static double? Least(double? left, double right) => left is { } value ? Math.Min(value, right) : double.IsFinite(right) ? right : null;

    private static TimeSpan? Span(double? seconds) => seconds is { } value and < 1e11 ? TimeSpan.FromSeconds(value) : null;
}
