using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Hides some steps that follow each other, as if the sound had been interrupted: torchaudio's <c>TimeMasking</c>, one half of SpecAugment (Park et al. 2019). The other half is <see cref="FrequencyMasking"/>;
/// the warping of time, of which that paper says that it helps least, is not here.
/// </summary>
/// <param name="MaxSteps">The most steps that are hidden in one go; how many is drawn for each example, and where. At least 1.</param>
[ConfigName("time-masking")]
public sealed record TimeMasking([property: Range(1, int.MaxValue)] int MaxSteps) : SequenceAugmentation
{
    /// <summary>Gets how often steps are hidden in an example.</summary>
    /// <value>In [1, 100]. The default is 1.</value>
    [Range(1, 100)]
    public int Count { get; init; } = 1;

    /// <summary>Gets the largest share of an example's steps that is hidden in one go: torchaudio's <c>p</c>.</summary>
    /// <value>In (0, 1]. The default is 1.</value>
    [Range(1e-3, 1.0)]
    public double MaxShare { get; init; } = 1;

    /// <summary>Gets what stands in place of hidden numbers.</summary>
    /// <value>The default is 0, which is the mean where the trainer normalises.</value>
    public double Value { get; init; }

    internal override SequenceChange? Draw(SeededRandom random, int count)
    {
        var (sizes, places) = (random.Each(count * Count, dice => dice.Fraction()), random.Each(count * Count, dice => dice.Fraction()));
        return (values, lengths) =>
        {
            var length = lengths.to(ScalarType.Float32).view(-1, 1);                                            // [N, 1]
            var hidden = MaskedBands.Of(sizes, places, (length * MaxShare).clamp_max(MaxSteps), length, values.shape[1]);
            return values.masked_fill(hidden.unsqueeze(2), Value);                                              // [N, steps, 1]
        };
    }
}
