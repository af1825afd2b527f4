using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>
/// The negative logarithm of the probability that softmax gives the right class, as PyTorch's <c>CrossEntropyLoss</c>.
/// Takes raw outputs [N, classes] and class indices [N], or class probabilities [N, classes].
/// </summary>
[ConfigName("cross-entropy")]
public sealed record CrossEntropy : LossConfig
{
    /// <summary>Gets how much each class counts, in the order of the label's keys.</summary>
    /// <value>One number per class, not negative. The default, null, counts all alike.</value>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>Gets how much of the target is spread evenly over all classes (Szegedy et al. 2016).</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double LabelSmoothing { get; init; }

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.ClassIndex;

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device)
    {
        if (ClassWeights is null)
            return new Built(LabelSmoothing, null);
        if (ClassWeights.Count != outputs)
            throw new ArgumentException($"ClassWeights has {ClassWeights.Count} numbers for {outputs} classes; give one for each, in the order of the label's keys.");
        if (ClassWeights.Any(weight => !float.IsFinite(weight) || weight < 0))
            throw new ArgumentException($"ClassWeights must be finite and not negative, but are [{string.Join(", ", ClassWeights)}].");
        return new Built(LabelSmoothing, tensor(ClassWeights.ToArray(), device: device).DetachFromDisposeScope());
    }

    /// <summary>Compares the settings, the weights class by class.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both compute the same.</returns>
    public bool Equals(CrossEntropy? other) => other is not null && LabelSmoothing == other.LabelSmoothing &&
        (ClassWeights is null ? other.ClassWeights is null : other.ClassWeights is not null && ClassWeights.SequenceEqual(other.ClassWeights));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ClassWeights?.Count, LabelSmoothing);

    private sealed class Built(double smoothing, Tensor? classWeights) : Loss
    {
        public override LossValue Compute(Tensor output, Tensor target, Tensor? weight)
        {
            if (weight is null && (classWeights is null || target.dim() == 2))
                return new LossValue(F.cross_entropy(output, target, classWeights, label_smoothing: smoothing), null);
            // PyTorch divides by the sum of the weights of the targets' classes; a row's own weight multiplies into it
            using var ofClass = classWeights is null || target.dim() == 2 ? null : classWeights.index_select(0, target);     // [N]
            var perRow = F.cross_entropy(output, target, classWeights, reduction: nn.Reduction.None, label_smoothing: smoothing);   // [N]
            var normalizer = (weight is null ? ofClass! : ofClass is null ? weight : ofClass * weight).sum();
            return new LossValue((weight is null ? perRow : perRow * weight).sum() / normalizer.clamp_min(RowLoss.SmallestNormal), normalizer);
        }

        public override void Dispose()
        {
            classWeights?.Dispose();
            base.Dispose();
        }
    }
}
