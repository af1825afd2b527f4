using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>The root of the mean squared difference of outputs and targets, in the targets' own unit.</summary>
[ConfigName("rmse")]
public sealed record Rmse : MetricConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Value;

    /// <inheritdoc/>
    public override Metric Build(int outputs, Device device) => new RowMetric("rmse", device, (output, target) => (output - target).pow(2).mean([1]), higherIsBetter: false, Math.Sqrt);
}
