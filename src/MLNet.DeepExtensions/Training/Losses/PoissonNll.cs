using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>The negative log-likelihood of counts whose logarithm of the rate is the output: <c>torch.nn.PoissonNLLLoss</c>, without the constant term.</summary>
[ConfigName("poisson-nll")]
public sealed record PoissonNll : LossConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Value;

    /// <inheritdoc/>
    public override bool TakesScaledTargets => false;

    /// <inheritdoc/>
    internal override OutputForm Form => new() { Activation = OutputActivation.Exponential };

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new RowLoss((output, target) => (output.exp() - target * output).mean([1]));
}
