using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>Squared differences where they are small, absolute ones where they are large (Huber 1964): <c>torch.nn.HuberLoss</c>. Outliers count less than with <see cref="MeanSquaredError"/>.</summary>
[ConfigName("huber")]
public sealed record Huber : LossConfig
{
    /// <summary>Gets where small ends, in the units of the targets; of their standard deviations where the task scales them.</summary>
    /// <value>Above 0. The default is 1.</value>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double Delta { get; init; } = 1;

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Value;

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new RowLoss((output, target) => F.huber_loss(output, target, Delta, nn.Reduction.None).mean([1]));
}
