using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Ends with the mean of the weights at the ends of the last epochs (Izmailov et al. 2018, "Averaging weights leads to wider optima and better generalization"), each counting alike:
/// PyTorch's <c>AveragedModel</c>, <c>SWALR</c> and <c>update_bn</c>. It works best with a learning rate that stays high while weights are gathered.
/// </summary>
/// <remarks>
/// Validation sees the weights of the epoch, as in PyTorch; the mean is made in the end, and then the statistics of batch norm are taken anew, in one more pass over the training rows.
/// In that pass dropout is off, as it is in scoring; <c>update_bn</c> leaves it on. Batch norm that is frozen keeps its statistics, and a network without batch norm needs no pass.
/// The mean is the model whatever KeepBestWeights says, also where the run was cancelled or ended early; a run that ends before <see cref="StartEpoch"/> has ended is one without this callback.
/// </remarks>
public sealed class StochasticWeightAveraging : Callback, IDisposable
{
    private readonly Dictionary<string, Tensor> kept = new(StringComparer.Ordinal);
    private HashSet<string> averaged = [];
    private long count;
    private double rateBefore;

    /// <summary>Gets the share of the run's epochs after which weights are gathered.</summary>
    /// <value>In [0, 1). The default is 0.75, the paper's. The last epoch always counts.</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double StartFraction { get; init; } = 0.75;

    /// <summary>Gets the first epoch whose weights are gathered, in place of <see cref="StartFraction"/>.</summary>
    /// <value>At least 1. The default, null, goes by the fraction.</value>
    [Range(1, int.MaxValue)]
    public int? StartEpoch { get; init; }

    /// <summary>Gets the learning rate while weights are gathered, which takes the place of a schedule's.</summary>
    /// <value>Between 0 and 100; the paper uses half of the first rate, or less. The default, null, leaves it to the schedule.</value>
    [Range(0.0, 100.0)]
    public double? LearningRate { get; init; }

    /// <summary>Gets in how many epochs the learning rate goes from what it was to <see cref="LearningRate"/>, along a cosine.</summary>
    /// <value>0 or more; 0 goes there at once. The default is 10.</value>
    [Range(0, int.MaxValue)]
    public int AnnealEpochs { get; init; } = 10;

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Dispose();
        averaged = [.. state.Module.named_parameters().Select(item => item.name)];
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Epoch == FirstEpoch(state))
            rateBefore = state.Optimizer.LearningRate;
        SetRate(state);
    }

    /// <inheritdoc/>
    public override void OnBatchEnd(TrainingState state) => SetRate(state);

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Epoch < FirstEpoch(state))
            return;
        count++;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, tensor) in state.Module.state_dict())
            if (!kept.TryGetValue(name, out var mean))
                kept[name] = tensor.detach().clone().DetachFromDisposeScope();
            else if (averaged.Contains(name))
                mean.add_((tensor - mean) / count);
            else
                mean.copy_(tensor);                             // counters and running statistics are no weights
    }

    /// <inheritdoc/>
    public override void OnTrainEnd(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (count == 0)
            return;
        using (no_grad())
            foreach (var (name, tensor) in state.Module.state_dict())
                tensor.copy_(kept[name]);
        state.BestEpoch = state.History[^1].Epoch;
        BatchNormStatistics.Renew(state.Module, state.TrainingBatches);
        Dispose();
    }

    /// <inheritdoc/>
    public override void SaveState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        (saved["count"], saved["rateBefore"]) = (count, rateBefore);
        foreach (var (name, mean) in kept)
            saved.Set(name, mean);
    }

    /// <inheritdoc/>
    public override void LoadState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        (count, rateBefore) = ((long)saved["count"], saved["rateBefore"]);
        foreach (var (name, mean) in saved.Tensors)
            kept[name] = mean.clone().DetachFromDisposeScope();
    }

    /// <summary>Frees the mean.</summary>
    public void Dispose()
    {
        foreach (var mean in kept.Values)
            mean.Dispose();
        kept.Clear();
        (count, rateBefore) = (0, 0);
    }

    private int FirstEpoch(TrainingState state) => StartEpoch ?? Math.Min(state.Epochs, (int)(StartFraction * state.Epochs) + 1);

    private void SetRate(TrainingState state)
    {
        if (LearningRate is not { } rate || state.Epoch - FirstEpoch(state) is not (>= 0 and var epochs))
            return;
        var share = AnnealEpochs == 0 ? 1 : Math.Min(1, (double)epochs / AnnealEpochs);
        var moved = (1 - Math.Cos(Math.PI * share)) / 2;
        state.Optimizer.LearningRate = rate * moved + rateBefore * (1 - moved);
    }
}
