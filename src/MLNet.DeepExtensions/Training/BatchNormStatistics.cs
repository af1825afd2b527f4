using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>The running mean and variance of batch norm, taken anew for weights that were not trained with them: PyTorch's <c>torch.optim.swa_utils.update_bn</c>.</summary>
internal static class BatchNormStatistics
{
    /// <summary>Goes through rows once, in evaluation mode but for batch norm; each batch counts alike. Leaves the network in evaluation mode.</summary>
    public static void Renew(Module module, IBatchSource source)
    {
        module.eval();
        var norms = module.modules().OfType<NormBase>().Where(norm => norm.track_running_stats && !FrozenLayers.IsFrozen(norm)).ToList();
        if (norms.Count == 0)
            return;
        var momenta = norms.Select(norm => norm.momentum).ToList();
        try
        {
            foreach (var norm in norms)
            {
                norm.reset_running_stats();
                norm.momentum = null;                           // a plain mean over the batches
                norm.train();
            }
            using var _ = no_grad();
            using var batches = source.Read(epoch: 0).GetEnumerator();
            while (true)
            {
                using var scope = NewDisposeScope();
                if (!batches.MoveNext())
                    break;
                module.Call(batches.Current.Input);
            }
        }
        finally
        {
            foreach (var (norm, momentum) in norms.Zip(momenta))
                norm.momentum = momentum;
            module.eval();
        }
    }
}
