using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// A random change of sequences that a network sees in training, and never when it is validated or scores. A list of them is given to <c>mlContext.Transforms.AugmentSequences</c>;
/// the trainer plays it on whole batches, on its device, each example by its own dice. Padding stays padding, and lengths stay what they are.
/// </summary>
/// <remarks>
/// The dice are seeded by the run's seed, the epoch and the batch, and are not torch's: a run repeats, and can go on from any step.
/// Numbers are what the network would see, so with <see cref="Normalization.Measured"/> 0 is the mean of all steps and 1 their standard deviation.
/// </remarks>
[ConfigFamily]
public abstract record SequenceAugmentation
{
    private protected SequenceAugmentation() { }

    /// <summary>Gets the augmentations in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<SequenceAugmentation>().Types;

    /// <summary>Throws the dice for a batch.</summary>
    /// <param name="random">The batch's own dice.</param>
    /// <param name="count">The examples in the batch.</param>
    /// <returns>What happens to the batch; null for nothing.</returns>
    internal abstract SequenceChange? Draw(SeededRandom random, int count);

    /// <inheritdoc/>
    public sealed override string ToString() => ConfigJson.Describe(this);

    /// <summary>Numbers for each example as a tensor that broadcasts against [N, steps, width].</summary>
    private protected static Tensor PerExample(double[] numbers, Tensor like) => tensor(numbers, dtype: ScalarType.Float32, device: like.device).view(-1, 1, 1);
}

/// <summary>A change whose dice are thrown.</summary>
/// <param name="values">[N, steps, width]; it stays as it is.</param>
/// <param name="lengths">The steps in each row, [N] in int64. What is behind them does not matter: it is put back.</param>
/// <returns>[N, steps, width].</returns>
internal delegate Tensor SequenceChange(Tensor values, Tensor lengths);

/// <summary>Augmentations in their order, as they are written and checked.</summary>
internal sealed record SequenceAugmentationList : IValidatableObject
{
    [Required]
    public required IReadOnlyList<SequenceAugmentation> Items { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Items?.Contains(null!) == true)
            yield return new ValidationResult("One of the augmentations is null.");
    }
}
