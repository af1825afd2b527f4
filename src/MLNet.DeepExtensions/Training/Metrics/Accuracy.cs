using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>The share of rows whose highest output is the right class, by weight where rows have one.</summary>
[ConfigName("accuracy")]
public sealed record Accuracy : MetricConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.ClassIndex;

    // class probabilities count by their highest
    /// <inheritdoc/>
    public override Metric Build(int outputs, Device device) => new RowMetric("accuracy", device,
        (output, target) => output.argmax(1).eq(target.dim() == 2 ? target.argmax(1) : target));
}
