using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// How far softmax of the outputs is from given probabilities, the sum over the outputs of p (log p - log q): <c>torch.nn.KLDivLoss</c> with <c>batchmean</c>.
/// For targets that are distributions, such as another network's answers (Hinton et al. 2015).
/// </summary>
[ConfigName("kl-divergence")]
public sealed record KlDivergence : LossConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Value;

    /// <inheritdoc/>
    public override bool TakesScaledTargets => false;

    /// <inheritdoc/>
    internal override OutputForm Form => new() { Activation = OutputActivation.Softmax };

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new RowLoss((output, target) => (target.xlogy(target) - target * output.log_softmax(1)).sum([1]));
}
