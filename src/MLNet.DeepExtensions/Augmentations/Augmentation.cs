namespace MLNet.DeepExtensions;

/// <summary>
/// A random change of pictures that a network sees in training, and never when it is validated or scores: names, settings, defaults and chances are torchvision's.
/// A list of them is given to <c>mlContext.Transforms.AugmentImages</c>; the trainer plays it on whole batches, on its device, each example by its own dice.
/// </summary>
/// <remarks>
/// The dice are seeded by the run's seed, the epoch and the batch, and are not torch's: a run repeats, and can go on from any step.
/// Pictures are float32 in [0, 1] at that point, before normalisation.
/// </remarks>
[ConfigFamily]
public abstract record Augmentation
{
    private protected Augmentation() { }

    /// <summary>Gets the augmentations in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<Augmentation>().Types;

    /// <summary>Throws the dice for a batch.</summary>
    /// <param name="random">The batch's own dice.</param>
    /// <param name="count">The examples in the batch.</param>
    /// <param name="shape">The pictures before this change.</param>
    /// <returns>What happens to the batch; null for nothing.</returns>
    internal abstract BatchChange? Draw(SeededRandom random, int count, ImageShape shape);

    /// <summary>Says what size the pictures have afterwards, for all examples the same.</summary>
    /// <exception cref="ArgumentException">Pictures of this shape cannot be changed so; the message says what to write.</exception>
    internal virtual ImageShape OutputShape(ImageShape shape) => shape;

    /// <summary>What validation and scoring do in place of it, so that pictures have the same size: nothing, unless overridden.</summary>
    /// <param name="stage">What they do in place of what comes before.</param>
    /// <param name="shape">The pictures before this change.</param>
    /// <exception cref="ArgumentException">It cannot follow what comes before; the message says what to write.</exception>
    internal virtual InputStage Twin(InputStage stage, ImageShape shape) => stage;

    /// <inheritdoc/>
    public sealed override string ToString() => ConfigJson.Describe(this);
}
