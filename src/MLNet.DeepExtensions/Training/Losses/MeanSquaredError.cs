using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>The mean of the squared differences, <c>torch.nn.MSELoss</c>. Its best answer is the mean.</summary>
[ConfigName("mean-squared-error")]
public sealed record MeanSquaredError : LossConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Value;

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new RowLoss((output, target) => F.mse_loss(output, target, nn.Reduction.None).mean([1]));
}
