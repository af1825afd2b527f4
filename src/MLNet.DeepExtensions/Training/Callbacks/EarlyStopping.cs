using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Ends the run when the validation loss, or another metric, has not improved for some epochs.</summary>
public sealed class EarlyStopping : Callback
{
    private double best;
    private int since;
    private Watch watch;

    /// <summary>Gets how many epochs without improvement are borne.</summary>
    /// <value>At least 1. The default is 3.</value>
    [Range(1, int.MaxValue)]
    public int Patience { get; init; } = 3;

    /// <summary>Gets by how much a value must be better to count as improvement.</summary>
    /// <value>0 or more. The default is 0.</value>
    [Range(0.0, double.MaxValue)]
    public double MinDelta { get; init; }

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
        watch = Watch.For(nameof(EarlyStopping), Monitor, HigherIsBetter, state);
        (best, since) = (double.NaN, 0);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(report);
        var value = report.ValidationValue(Monitor);
        if (double.IsNaN(best) || watch.Gain(value, best) > MinDelta)
            (best, since) = (value, 0);
        else if (++since >= Patience)
            state.RequestStop();
    }

    /// <inheritdoc/>
    public override void SaveState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        (saved["best"], saved["since"]) = (best, since);
    }

    /// <inheritdoc/>
    public override void LoadState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        (best, since) = (saved["best"], (int)saved["since"]);
    }
}
