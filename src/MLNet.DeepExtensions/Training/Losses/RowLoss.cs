using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A loss that is a mean over rows, each of which has a loss of its own.</summary>
internal sealed class RowLoss(Func<Tensor, Tensor, Tensor> lossOfRows, params Tensor[] owned) : Loss
{
    // a batch that weighs nothing has a loss of 0 and gradients of 0; one over anything smaller would be infinite, and infinity times 0 is no number
    internal const float SmallestNormal = 1.17549435e-38f;

    public override LossValue Compute(Tensor output, Tensor target, Tensor? weight)
    {
        var rows = lossOfRows(output, target);                              // [N]
        if (weight is null)
            return new LossValue(rows.mean(), null);
        var normalizer = weight.sum();
        return new LossValue((rows * weight).sum() / normalizer.clamp_min(SmallestNormal), normalizer);
    }

    public override void Dispose()
    {
        foreach (var tensor in owned)
            tensor.Dispose();
        base.Dispose();
    }
}
