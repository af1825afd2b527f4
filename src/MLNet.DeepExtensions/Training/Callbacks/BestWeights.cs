using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Keeps the weights of the epoch with the lowest validation loss, or the best of another figure, in memory and puts them back at the end.</summary>
internal sealed class BestWeights(string? monitor = null) : Callback, IDisposable
{
    private Dictionary<string, Tensor> kept = [];
    private double best;
    private int epoch;
    private Watch watch;

    public override void OnTrainBegin(TrainingState state)
    {
        watch = monitor is null ? new Watch("loss", HigherIsBetter: false) : Watch.For("KeepBestWeights", monitor, null, state);
        (best, epoch) = (watch.HigherIsBetter ? double.NegativeInfinity : double.PositiveInfinity, 0);
    }

    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        var value = report.ValidationValue(watch.Metric);
        if (watch.Gain(value, best) > 0)
        {
            (best, epoch) = (value, report.Epoch);
            using var _ = no_grad();
            foreach (var (name, tensor) in state.Module.state_dict())
                if (kept.TryGetValue(name, out var copy))
                    copy.copy_(tensor);
                else
                    kept[name] = tensor.detach().clone().DetachFromDisposeScope();
        }
        if (epoch > 0)
            state.BestEpoch = epoch;
    }

    public override void OnTrainEnd(TrainingState state)
    {
        // an epoch that was stopped halfway counts as later than the best one, too
        if (epoch == 0 || epoch == state.Epoch)
            return;
        using var _ = no_grad();
        foreach (var (name, tensor) in state.Module.state_dict())
            tensor.copy_(kept[name]);
    }

    public override void SaveState(SavedState saved)
    {
        (saved["best"], saved["epoch"]) = (best, epoch);
        foreach (var (name, copy) in kept)
            saved.Set(name, copy);
    }

    public override void LoadState(SavedState saved)
    {
        Dispose();
        (best, epoch) = (saved["best"], (int)saved["epoch"]);
        kept = saved.Tensors.ToDictionary(entry => entry.Key, entry => entry.Value.clone().DetachFromDisposeScope());
    }

    public void Dispose()
    {
        foreach (var copy in kept.Values)
            copy.Dispose();
        kept = [];
    }
}
