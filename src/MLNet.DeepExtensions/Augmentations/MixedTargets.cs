using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Each example is mixed with the one before it, the first with the last: the targets become shares of classes [N, classes].</summary>
/// <param name="mix">Mixes the pictures.</param>
/// <param name="share">How much of an example is its own.</param>
internal sealed class MixedTargets(Func<Tensor, Tensor> mix, double share) : BatchChange
{
    public override Batch Apply(Batch batch, int classes)
    {
        using var scope = NewDisposeScope();
        var target = batch.Target.dim() == 2 ? batch.Target : nn.functional.one_hot(batch.Target, classes).to(ScalarType.Float32);    // [N, classes]
        var weight = batch.Weight;
        var (own, others) = (target * share, target.roll(1, 0) * (1 - share));
        if (weight is not null)
        {
            // so that each of the two counts in the loss as much as it weighs
            var (ownWeight, othersWeight) = (weight * share, weight.roll(1, 0) * (1 - share));
            weight = ownWeight + othersWeight;
            var divisor = weight.clamp_min(1e-30f);
            (own, others) = (target * (ownWeight / divisor).unsqueeze(1), target.roll(1, 0) * (othersWeight / divisor).unsqueeze(1));
        }
        return new Batch(mix(batch.Input.Values).MoveToOuterDisposeScope(), (own + others).MoveToOuterDisposeScope(), weight?.MoveToOuterDisposeScope(), batch.Count);
    }
}
