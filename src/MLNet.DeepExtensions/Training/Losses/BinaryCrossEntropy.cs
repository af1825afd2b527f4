using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>
/// The negative logarithm of the probability that the sigmoid gives what applies and of that against what does not, the mean over the outputs: <c>torch.nn.BCEWithLogitsLoss</c>.
/// Takes raw outputs and targets from 0 to 1, both [N, outputs].
/// </summary>
[ConfigName("binary-cross-entropy")]
public sealed record BinaryCrossEntropy : LossConfig, IValidatableObject
{
    /// <summary>Gets how many times as much a positive target counts as a negative one: above 1 for rare ones.</summary>
    /// <value>One number for all outputs, or one for each; above 0. The default, null, counts all alike.</value>
    public IReadOnlyList<float>? PosWeight { get; init; }

    /// <summary>Gets whether the weights of positive targets are taken from the training rows, so that they count as much as the negative ones: negatives / positives, for each output.</summary>
    /// <value>The default is false. Rows with weights are counted by them; an output that is always or never positive has weight 1.</value>
    public bool Balance { get; init; }

    /// <summary>Gets how far targets move from 0 and 1 towards one half.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double LabelSmoothing { get; init; }

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Probability;

    internal override bool LearnsFromTargets => Balance;

    internal override LossConfig Fit(TargetCounts counts) => Balance ? this with { Balance = false, PosWeight = counts.PosWeights } : this;

    /// <summary>Checks that the weights come from one place.</summary>
    /// <param name="validationContext">Names the config.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Balance && PosWeight is not null)
            yield return new ValidationResult(ClassWeighting.Both(nameof(PosWeight)));
    }

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device)
    {
        if (Balance)
            throw ClassWeighting.NotFitted(nameof(PosWeight));
        if (PosWeight is { } weights && (weights.Count != 1 && weights.Count != outputs || weights.Any(weight => !(weight > 0) || !float.IsFinite(weight))))
            throw new ArgumentException($"PosWeight must be one number above 0, or one for each of the {outputs} outputs, but is [{string.Join(", ", weights)}].");
        var positive = PosWeight is null ? null : tensor(PosWeight.ToArray(), device: device).DetachFromDisposeScope();
        return new RowLoss((output, target) => F.binary_cross_entropy_with_logits(output,
            LabelSmoothing == 0 ? target : target * (1 - LabelSmoothing) + LabelSmoothing / 2, reduction: nn.Reduction.None, pos_weights: positive).mean([1]), positive is null ? [] : [positive]);
    }

    /// <summary>Compares the settings, the weights one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both compute the same.</returns>
    public bool Equals(BinaryCrossEntropy? other) => other is not null && (LabelSmoothing, Balance) == (other.LabelSmoothing, other.Balance) &&
        ClassWeighting.AreEqual(PosWeight, other.PosWeight);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(PosWeight?.Count, Balance, LabelSmoothing);
}
