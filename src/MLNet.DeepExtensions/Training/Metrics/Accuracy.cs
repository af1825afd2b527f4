using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>The share of rows, or of steps that have a target, whose highest output is the right class, by weight where rows have one.</summary>
[ConfigName("accuracy")]
public sealed record Accuracy : MetricConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.ClassIndex;

    /// <inheritdoc/>
    public override bool Takes(TargetKind targets) => targets is TargetKind.ClassIndex or TargetKind.ClassPerStep;

    // class probabilities count by their highest
    /// <inheritdoc/>
    public override Metric Build(int outputs, Device device) => new RowMetric("accuracy", device,
        (output, target) => output.argmax(1).eq(target.dim() == 2 ? target.argmax(1) : target));
}
