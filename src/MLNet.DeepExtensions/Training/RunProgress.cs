using System.Globalization;

namespace MLNet.DeepExtensions;

/// <summary>Where a run stands at a moment, how fast it goes and how long it will still take.</summary>
public sealed record RunProgress
{
    /// <summary>Gets the current epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Gets how many epochs are asked for.</summary>
    public required int Epochs { get; init; }

    /// <summary>Gets the steps done in the current epoch.</summary>
    public required int StepInEpoch { get; init; }

    /// <summary>Gets the steps in an epoch; 0 where that is not known before the first has ended.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Gets the steps since the start of the run, also of what went before an interruption.</summary>
    public required long Step { get; init; }

    /// <summary>Gets the mean training loss of the epoch so far; NaN before the first step.</summary>
    public required double Loss { get; init; }

    /// <summary>Gets the training rows in a second, validation not counted; NaN before the first step.</summary>
    public required double RowsPerSecond { get; init; }

    /// <summary>Gets the time since the run began, or went on after an interruption.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Gets the time until the epoch ends; null where its length is not known yet.</summary>
    public required TimeSpan? EpochRemaining { get; init; }

    /// <summary>Gets the time until the run ends by its epochs, MaxSteps or MaxTime; early stopping may end it before. Null where it is not known yet.</summary>
    public required TimeSpan? RunRemaining { get; init; }

    /// <summary>Gets what the epoch gave, where this is its end; else null.</summary>
    public EpochReport? Report { get; init; }

    /// <summary>Gets the share of the run's epochs that is done, from 0 to 1.</summary>
    public double Share => Report is not null ? (double)Epoch / Epochs : StepsPerEpoch == 0 ? Math.Max(0, Epoch - 1.0) / Epochs
        : Math.Min(1, (Math.Max(0, Epoch - 1) + Math.Min(1, (double)StepInEpoch / StepsPerEpoch)) / Epochs);

    /// <summary>Says it in a line, in numbers that are written alike everywhere: <c>Epoch 2/10, step 300/938: loss 0.2841, 41,200 rows/s, 0:02 left in the epoch, 0:14 in the run</c>.</summary>
    public override string ToString()
    {
        var steps = StepsPerEpoch == 0 ? $"{StepInEpoch}" : $"{StepInEpoch}/{StepsPerEpoch}";
        var left = (EpochRemaining, RunRemaining) switch
        {
            ({ } epoch, { } run) => $", {Clock(epoch)} left in the epoch, {Clock(run)} in the run",
            (_, { } run) => $", {Clock(run)} left",
            _ => "",
        };
        return string.Create(CultureInfo.InvariantCulture, $"Epoch {Epoch}/{Epochs}, step {steps}: loss {Loss:0.0000}, {RowsPerSecond:N0} rows/s") + left;
    }

    /// <summary>0:07, 12:30, 3:05:10, 40:00:00.</summary>
    internal static string Clock(TimeSpan time)
    {
        var seconds = (long)Math.Round(time.TotalSeconds);
        return seconds < 3600 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}");
    }
}
