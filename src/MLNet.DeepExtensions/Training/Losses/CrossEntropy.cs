using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>
/// The negative logarithm of the probability that softmax gives the right class, as PyTorch's <c>CrossEntropyLoss</c>.
/// Takes raw outputs [N, classes] and class indices [N], or class probabilities [N, classes]; or a class at each step, [N, steps, classes] and [N, steps], of which those of -100 are left out:
/// the mean is one over steps.
/// </summary>
[ConfigName("cross-entropy")]
public sealed record CrossEntropy : LossConfig, IValidatableObject
{
    /// <summary>Gets how much each class counts, in the order of the label's keys.</summary>
    /// <value>One number per class, not negative. The default, null, counts all alike.</value>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>Gets whether the classes' weights are taken from the training rows, so that rare classes count as much as frequent ones: rows / (classes · rows of the class), as scikit-learn's <c>class_weight="balanced"</c>.</summary>
    /// <value>The default is false. Rows with weights are counted by them; a class without rows has weight 1.</value>
    public bool Balance { get; init; }

    /// <summary>Gets how much of the target is spread evenly over all classes (Szegedy et al. 2016).</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double LabelSmoothing { get; init; }

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.ClassIndex;

    /// <inheritdoc/>
    public override bool Takes(TargetKind targets) => targets is TargetKind.ClassIndex or TargetKind.ClassPerStep;

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new Built(LabelSmoothing, ClassWeighting.ToTensor(ClassWeights, Balance, outputs, device));

    internal override bool LearnsFromTargets => Balance;

    internal override LossConfig Fit(TargetCounts counts) => Balance ? this with { Balance = false, ClassWeights = counts.ClassWeights } : this;

    /// <summary>Checks that the weights come from one place.</summary>
    /// <param name="validationContext">Names the config.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Balance && ClassWeights is not null)
            yield return new ValidationResult(ClassWeighting.Both(nameof(ClassWeights)));
    }

    /// <summary>Compares the settings, the weights class by class.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both compute the same.</returns>
    public bool Equals(CrossEntropy? other) => other is not null && (LabelSmoothing, Balance) == (other.LabelSmoothing, other.Balance) &&
        ClassWeighting.AreEqual(ClassWeights, other.ClassWeights);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ClassWeights?.Count, Balance, LabelSmoothing);

    private sealed class Built(double smoothing, Tensor? classWeights) : Loss
    {
        public override LossValue Compute(Tensor output, Tensor target, Tensor? weight)
        {
            if (output.dim() == 3)
                (output, target, weight) = StepRows.Of(output, target, weight);
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
