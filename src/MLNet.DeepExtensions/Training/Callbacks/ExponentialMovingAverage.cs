using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Keeps a slow copy of the weights, average ← decay · average + (1 - decay) · weights after each step, and validates and ends with it (Polyak and Juditsky 1992;
/// as used by Tan and Le 2019). It is often a little better than the weights of the last step, and steadier.
/// </summary>
public sealed class ExponentialMovingAverage : Callback, IDisposable
{
    private List<(Tensor Weights, Tensor Average)> pairs = [];
    private long steps;
    private bool isSwapped;

    /// <summary>Gets how slowly the average forgets. In the first steps it forgets faster: the decay is at most (1 + steps) / (10 + steps), as in TensorFlow.</summary>
    /// <value>In (0, 1). The default is 0.998, which remembers about 500 steps.</value>
    public double Decay { get; init; } = 0.998;

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (Decay is not (> 0 and < 1))
            throw new ArgumentException($"ExponentialMovingAverage.Decay must lie between 0 and 1, but is {Decay}.");
        Dispose();
        using var _ = no_grad();
        pairs = [.. state.Module.state_dict().Values.Select(tensor => (tensor, tensor.detach().clone().DetachFromDisposeScope()))];
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(TrainingState state)
    {
        if (isSwapped)
            Swap();
    }

    /// <inheritdoc/>
    public override void OnBatchEnd(TrainingState state)
    {
        var decay = Math.Min(Decay, (1.0 + steps) / (10 + steps));
        steps++;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (weights, average) in pairs)
            if (weights.is_floating_point())
                average.lerp_(weights, 1 - decay);
            else
                average.copy_(weights);
    }

    /// <inheritdoc/>
    public override void OnValidationBegin(TrainingState state)
    {
        if (!isSwapped)
            Swap();
    }

    /// <inheritdoc/>
    public override void OnTrainEnd(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.HasValidation && !isSwapped)
            Swap();
    }

    /// <inheritdoc/>
    public override void SaveState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        (saved["steps"], saved["swapped"]) = (steps, isSwapped ? 1 : 0);
        for (var i = 0; i < pairs.Count; i++)
            saved.Set($"{i}", pairs[i].Average);
    }

    /// <inheritdoc/>
    public override void LoadState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        (steps, isSwapped) = ((long)saved["steps"], saved["swapped"] != 0);
        using var _ = no_grad();
        for (var i = 0; i < pairs.Count; i++)
            pairs[i].Average.copy_(saved.Get($"{i}"));
    }

    /// <summary>Frees the copy.</summary>
    public void Dispose()
    {
        foreach (var (_, average) in pairs)
            average.Dispose();
        (pairs, steps, isSwapped) = ([], 0, false);
    }

    private void Swap()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (weights, average) in pairs)
        {
            var kept = weights.clone();
            weights.copy_(average);
            average.copy_(kept);
        }
        isSwapped = !isSwapped;
    }
}
