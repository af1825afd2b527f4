using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A list of augmentations for pictures of one shape and a seed: what is played in training.</summary>
internal sealed class AugmentationPlan : TrainingChanges
{
    private readonly IReadOnlyList<Augmentation> augmentations;
    private readonly ImageShape[] shapes;           // before each augmentation

    /// <exception cref="ArgumentException">Pictures of this shape cannot be changed so; the message says what to write.</exception>
    public AugmentationPlan(IReadOnlyList<Augmentation> augmentations, ImageShape shape, int seed, int classes)
    {
        (this.augmentations, Seed, Classes) = (augmentations, seed, classes);
        shapes = new ImageShape[augmentations.Count];
        for (var i = 0; i < shapes.Length; i++)
        {
            Stage = augmentations[i].Twin(Stage, shape);
            (shapes[i], shape) = (shape, augmentations[i].OutputShape(shape));
        }
    }

    /// <summary>Gets the augmentations as JSON.</summary>
    public override string Description => JsonSerializer.Serialize(augmentations, ConfigJson.Options);

    public int Seed { get; }

    public int Classes { get; }

    /// <summary>Gets what validation and scoring do instead, without chance: pictures have the same size afterwards.</summary>
    public override InputStage Stage { get; } = new();

    /// <summary>Throws the dice for a batch: the same for the same seed, epoch and batch, on any device, whatever was drawn before.</summary>
    /// <param name="epoch">The number of the epoch.</param>
    /// <param name="batch">The number of the batch in its epoch.</param>
    /// <param name="count">The examples in the batch.</param>
    public IReadOnlyList<BatchChange> Draw(int epoch, int batch, int count)
    {
        var random = Dice.For(Seed, epoch, batch);
        var changes = new List<BatchChange>();
        for (var i = 0; i < shapes.Length; i++)
            if (augmentations[i].Draw(random, count, shapes[i]) is { } change)
            {
                if (changes.Count > 0 && changes[^1].Then(change) is { } both)
                    changes[^1] = both;
                else
                    changes.Add(change);
            }
        return changes;
    }

    // what mixes pictures mixes their targets, too
    public override (Batch Batch, InputTensor Input) Prepare(Batch batch, InputTensor raw, NetworkColumn column, int epoch, int number)
    {
        var augmented = Apply(batch with { Input = InputStage.Scale(raw.Values, column.Features.Shape) }, epoch, number);
        return (augmented with { Input = batch.Input },
            raw with { Name = column.Features.Name, Values = column.Stage.Normalise(augmented.Input.Values, column.Features.Shape) });
    }

    /// <summary>Changes a batch whose input is [N, C, H, W], float32 in [0, 1].</summary>
    public Batch Apply(Batch batch, int epoch, int number)
    {
        var changed = batch;
        using var scope = NewDisposeScope();        // what stands between two changes is not kept until the step's end
        foreach (var change in Draw(epoch, number, batch.Count))
            changed = change.Apply(changed, Classes);
        Keep(changed.Input.Values, batch.Input.Values);
        Keep(changed.Target, batch.Target);
        Keep(changed.Weight, batch.Weight);
        return changed;

        static void Keep(Tensor? now, Tensor? before)
        {
            if (!ReferenceEquals(now, before))
                now?.MoveToOuterDisposeScope();
        }
    }
}
