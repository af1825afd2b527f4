using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>Cross-entropy in which rows that are already right count less, by (1 - p)^γ of the right class's probability (Lin et al. 2017): for classes of very unequal size.</summary>
[ConfigName("focal")]
public sealed record Focal : LossConfig, IValidatableObject
{
    /// <summary>Gets how much less they count; 0 is cross-entropy.</summary>
    /// <value>In [0, 10]. The default is 2.</value>
    [Range(0.0, 10.0)]
    public double Gamma { get; init; } = 2;

    /// <summary>Gets how much each class counts, in the order of the label's keys: the paper's α. As with <see cref="CrossEntropy"/>, the mean is over these weights.</summary>
    /// <value>One number per class, not negative. The default, null, counts all alike.</value>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>Gets whether the classes' weights are taken from the training rows: rows / (classes · rows of the class), as scikit-learn's <c>class_weight="balanced"</c>.</summary>
    /// <value>The default is false. Rows with weights are counted by them; a class without rows has weight 1.</value>
    public bool Balance { get; init; }

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.ClassIndex;

    internal override bool LearnsFromTargets => Balance;

    internal override LossConfig Fit(TargetCounts counts) => Balance ? this with { Balance = false, ClassWeights = counts.ClassWeights } : this;

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new Built(Gamma, ClassWeighting.ToTensor(ClassWeights, Balance, outputs, device));

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
    public bool Equals(Focal? other) => other is not null && (Gamma, Balance) == (other.Gamma, other.Balance) && ClassWeighting.AreEqual(ClassWeights, other.ClassWeights);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ClassWeights?.Count, Balance, Gamma);

    private sealed class Built : Loss
    {
        private readonly Tensor? classWeights;
        private readonly RowLoss rows;

        public Built(double gamma, Tensor? classWeights)
        {
            this.classWeights = classWeights;
            rows = new RowLoss((output, target) =>
            {
                if (target.dim() == 2)
                {
                    // targets mixed of several classes: each class's term by its own share, and weight
                    var shares = classWeights is null ? target : target * classWeights;
                    return -(shares * (1 - output.softmax(1)).pow(gamma) * output.log_softmax(1)).sum([1]);
                }
                var logarithm = output.log_softmax(1).gather(1, target.unsqueeze(1)).squeeze(1);       // [N]
                return -(1 - logarithm.exp()).pow(gamma) * logarithm;
            });
        }

        public override LossValue Compute(Tensor output, Tensor target, Tensor? weight)
        {
            if (classWeights is null || target.dim() == 2)
                return rows.Compute(output, target, weight);
            var ofClass = classWeights.index_select(0, target);                                       // [N]
            return rows.Compute(output, target, weight is null ? ofClass : ofClass * weight);
        }

        public override void Dispose()
        {
            classWeights?.Dispose();
            base.Dispose();
        }
    }
}
