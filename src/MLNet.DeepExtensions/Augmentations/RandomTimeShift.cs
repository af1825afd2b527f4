using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Moves all steps of an example to later or earlier; what leaves it at one end is lost, and at the other stands <see cref="Value"/>.</summary>
/// <param name="MaxSteps">The most steps, to either side; at least 1. It is drawn for each example.</param>
[ConfigName("random-time-shift")]
public sealed record RandomTimeShift([property: Range(1, int.MaxValue)] int MaxSteps) : SequenceAugmentation
{
    /// <summary>Gets what stands where nothing was.</summary>
    /// <value>The default is 0: silence of samples, or the mean where the trainer normalises.</value>
    public double Value { get; init; }

    internal override SequenceChange? Draw(SeededRandom random, int count)
    {
        var shifts = new long[count];
        for (var i = 0; i < count; i++)
            shifts[i] = random.Below(2L * MaxSteps + 1) - MaxSteps;
        return (values, lengths) =>
        {
            var from = arange(values.shape[1], device: values.device).unsqueeze(0) - tensor(shifts, device: values.device).unsqueeze(1);    // [N, steps]
            var isThere = (from >= 0).logical_and(from < lengths.unsqueeze(1));
            var moved = values.gather(1, from.clamp(0, values.shape[1] - 1).unsqueeze(2).expand(values.shape));
            return moved.masked_fill(isThere.logical_not().unsqueeze(2), Value);
        };
    }
}
