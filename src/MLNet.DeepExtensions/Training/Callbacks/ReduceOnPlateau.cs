using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Lowers the learning rate when the validation loss, or another metric, has not improved for some epochs: <c>torch.optim.lr_scheduler.ReduceLROnPlateau</c>.
/// It sets the optimizer's learning rate, so use it without a Schedule in the options.
/// </summary>
public sealed class ReduceOnPlateau : Callback
{
    private double best;
    private int since, resting;
    private Watch watch;

    /// <summary>Gets what remains of the learning rate each time.</summary>
    /// <value>In (0, 1). The default is 0.1.</value>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double Factor { get; init; } = 0.1;

    /// <summary>Gets how many epochs without improvement are borne; the next one lowers the learning rate.</summary>
    /// <value>0 or more. The default is 10.</value>
    [Range(0, int.MaxValue)]
    public int Patience { get; init; } = 10;

    /// <summary>Gets by which share of the best value another must be better to count as improvement.</summary>
    /// <value>0 or more. The default is 0.0001.</value>
    [Range(0.0, double.MaxValue)]
    public double Threshold { get; init; } = 1e-4;

    /// <summary>Gets how many epochs after lowering are not counted.</summary>
    /// <value>0 or more. The default is 0.</value>
    [Range(0, int.MaxValue)]
    public int Cooldown { get; init; }

    /// <summary>Gets the learning rate below which it does not go.</summary>
    /// <value>0 or more. The default is 0.</value>
    [Range(0.0, 100.0)]
    public double MinLearningRate { get; init; }

    /// <summary>Gets the name of the validation metric to watch.</summary>
    /// <value>The default is <c>loss</c>.</value>
    [Required]
    public string Monitor { get; init; } = "loss";

    /// <summary>Gets whether a higher value is better.</summary>
    /// <value>The default, null, is what the metric says of itself; false for <c>loss</c>.</value>
    public bool? HigherIsBetter { get; init; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no validation set, or no such metric.</exception>
    public override void OnTrainBegin(TrainingState state)
    {
        watch = Watch.For(nameof(ReduceOnPlateau), Monitor, HigherIsBetter, state);
        (best, since, resting) = (double.NaN, 0, 0);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(report);
        var value = report.ValidationValue(Monitor);
        if (double.IsNaN(best) || watch.Gain(value, best) > Threshold * Math.Abs(best))
            (best, since) = (value, 0);
        else
            since++;
        if (resting > 0)
            (resting, since) = (resting - 1, 0);
        if (since <= Patience)
            return;
        state.Optimizer.LearningRate = Math.Max(MinLearningRate, state.Optimizer.LearningRate * Factor);
        (resting, since) = (Cooldown, 0);
    }

    /// <inheritdoc/>
    public override void SaveState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        (saved["best"], saved["since"], saved["resting"]) = (best, since, resting);
    }

    /// <inheritdoc/>
    public override void LoadState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        (best, since, resting) = (saved["best"], (int)saved["since"], (int)saved["resting"]);
    }
}
