using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A list of augmentations for sequences and a seed: what is played in training, behind normalisation.</summary>
internal sealed class SequencePlan(IReadOnlyList<SequenceAugmentation> augmentations, int seed) : TrainingChanges
{
    public override string Description => JsonSerializer.Serialize(augmentations, ConfigJson.Options);

    public override (Batch Batch, InputTensor Input) Prepare(Batch batch, InputTensor raw, NetworkColumn column, int epoch, int number)
    {
        var input = column.Apply(raw);
        return (batch, input with { Values = Apply(input, epoch, number) });
    }

    /// <summary>Changes a column of a batch: the same for the same seed, epoch and batch, whatever was drawn before.</summary>
    /// <param name="input">[N, steps, width], with lengths where rows differ.</param>
    /// <param name="epoch">The number of the epoch.</param>
    /// <param name="number">The number of the batch in its epoch.</param>
    /// <returns>[N, steps, width].</returns>
    public Tensor Apply(InputTensor input, int epoch, int number)
    {
        using var scope = NewDisposeScope();
        var random = Dice.For(seed, epoch, number);
        var rows = (int)input.Values.shape[0];
        var lengths = input.Lengths ?? full(rows, input.Values.shape[1], ScalarType.Int64, input.Values.device);
        var values = input.Values;
        foreach (var augmentation in augmentations)
            if (augmentation.Draw(random, rows) is { } change)
                values = change(values, lengths);
        if (ReferenceEquals(values, input.Values))
            return values;
        // nobody need think of padding: it comes back
        return (input.Mask() is { } mask ? where(mask.unsqueeze(2), values, input.Values) : values).MoveToOuterDisposeScope();
    }
}
