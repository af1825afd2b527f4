using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary><see cref="Huber"/> divided by its threshold (Girshick 2015): <c>torch.nn.SmoothL1Loss</c>.</summary>
[ConfigName("smooth-l1")]
public sealed record SmoothL1 : LossConfig
{
    /// <summary>Gets where small ends.</summary>
    /// <value>Above 0. The default is 1.</value>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double Beta { get; init; } = 1;

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Value;

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new RowLoss((output, target) => F.smooth_l1_loss(output, target, nn.Reduction.None, Beta).mean([1]));
}
