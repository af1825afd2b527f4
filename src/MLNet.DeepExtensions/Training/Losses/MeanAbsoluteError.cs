using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>The mean of the absolute differences, <c>torch.nn.L1Loss</c>. Its best answer is the median.</summary>
[ConfigName("mean-absolute-error")]
public sealed record MeanAbsoluteError : LossConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Value;

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new RowLoss((output, target) => F.l1_loss(output, target, nn.Reduction.None).mean([1]));
}
