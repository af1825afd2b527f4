using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>The share of rows whose highest output is the right class, by weight where rows have one.</summary>
[ConfigName("accuracy")]
public sealed record Accuracy : MetricConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.ClassIndex;

    /// <inheritdoc/>
    public override Metric Build(int outputs, Device device) => new Built(device);

    private sealed class Built(Device device) : Metric
    {
        private readonly Tensor right = zeros(1, SumsOn(device), device).DetachFromDisposeScope();
        private readonly Tensor weights = zeros(1, SumsOn(device), device).DetachFromDisposeScope();
        private long rows;

        public override string Name => "accuracy";

        public override double Value => (rows + weights.ToDouble()) is var total && total > 0 ? right.ToDouble() / total : double.NaN;

        public override void Update(Tensor output, Tensor target, Tensor? weight)
        {
            var best = output.argmax(1);                                                        // [N]
            var hit = best.eq(target.dim() == 2 ? target.argmax(1) : target);                   // [N], class probabilities count by their highest
            if (weight is null)
            {
                rows += output.shape[0];
                right.add_(hit.sum());
                return;
            }
            weights.add_(weight.sum());
            right.add_((hit * weight).sum());
        }

        public override void Reset()
        {
            rows = 0;
            right.zero_();
            weights.zero_();
        }

        // float32 counts single rows up to 16.7 million; Apple's GPUs know nothing longer
        private static ScalarType SumsOn(Device device) => device.type == DeviceType.MPS ? ScalarType.Float32 : ScalarType.Float64;

        public override void Dispose()
        {
            right.Dispose();
            weights.Dispose();
            base.Dispose();
        }
    }
}
