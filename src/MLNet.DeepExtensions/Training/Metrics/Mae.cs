using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>The mean absolute difference of outputs and targets, in the targets' own unit.</summary>
[ConfigName("mae")]
public sealed record Mae : MetricConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Value;

    /// <inheritdoc/>
    public override Metric Build(int outputs, Device device) => new RowMetric("mae", device, (output, target) => (output - target).abs().mean([1]), higherIsBetter: false);
}
