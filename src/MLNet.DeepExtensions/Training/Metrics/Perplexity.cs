using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// The perplexity of a class at each step: e to the power of the mean cross-entropy over all steps that have a target, in nats. It is as unsure as if it chose among so many classes, each as likely as the next.
/// </summary>
[ConfigName("perplexity")]
public sealed record Perplexity : MetricConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.ClassPerStep;

    /// <inheritdoc/>
    public override Metric Build(int outputs, Device device) => new RowMetric("perplexity", device,
        (output, target) => nn.functional.cross_entropy(output.to(ScalarType.Float32), target, reduction: nn.Reduction.None), higherIsBetter: false, Math.Exp);
}
