using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>The share of outputs on the right side: above one half where the target is, below where it is not.</summary>
[ConfigName("binary-accuracy")]
public sealed record BinaryAccuracy : MetricConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Probability;

    /// <inheritdoc/>
    public override Metric Build(int outputs, Device device) => new RowMetric("accuracy", device,
        (output, target) => output.gt(0).eq(target.gt(0.5)).to(ScalarType.Float32).mean([1]));
}
