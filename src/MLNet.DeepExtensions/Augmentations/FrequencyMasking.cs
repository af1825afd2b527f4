using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Hides some bands that lie beside each other, in all steps: torchaudio's <c>FrequencyMasking</c>, one half of SpecAugment (Park et al. 2019). The other half is <see cref="TimeMasking"/>.</summary>
/// <param name="MaxBands">The most bands (numbers of a step) that are hidden in one go; how many is drawn for each example, and where. At least 1.</param>
[ConfigName("frequency-masking")]
public sealed record FrequencyMasking([property: Range(1, int.MaxValue)] int MaxBands) : SequenceAugmentation
{
    /// <summary>Gets how often bands are hidden in an example.</summary>
    /// <value>In [1, 100]. The default is 1.</value>
    [Range(1, 100)]
    public int Count { get; init; } = 1;

    /// <summary>Gets what stands in place of hidden numbers.</summary>
    /// <value>The default is 0, which is the mean where the trainer normalises.</value>
    public double Value { get; init; }

    internal override SequenceChange? Draw(SeededRandom random, int count)
    {
        var (sizes, places) = (random.Each(count * Count, dice => dice.Fraction()), random.Each(count * Count, dice => dice.Fraction()));
        return (values, _) =>
        {
            var width = full(count, 1, (float)values.shape[2], device: values.device);                          // [N, 1]
            var hidden = MaskedBands.Of(sizes, places, width.clamp_max(MaxBands), width, values.shape[2]);
            return values.masked_fill(hidden.unsqueeze(1), Value);                                              // [N, 1, width]
        };
    }
}

/// <summary>Which of some numbers in a row are hidden, by torchaudio's rule: a size from 0 to the most, then a place where it fits, both rounded down.</summary>
internal static class MaskedBands
{
    /// <param name="sizes">Fractions, for each example as many as it has bands.</param>
    /// <param name="places">Fractions, as many.</param>
    /// <param name="most">The largest size, [N, 1].</param>
    /// <param name="length">The numbers of each example, [N, 1].</param>
    /// <param name="count">The numbers of the longest.</param>
    /// <returns>[N, count], true where hidden.</returns>
    public static Tensor Of(double[] sizes, double[] places, Tensor most, Tensor length, long count)
    {
        var size = Fractions(sizes) * most;                                                                     // [N, bands]
        var start = (Fractions(places) * (length - size)).floor().unsqueeze(2);                                 // [N, bands, 1]
        var at = arange(count, device: most.device).view(1, 1, -1);
        return (at >= start).logical_and(at < start + size.floor().unsqueeze(2)).any(1);

        Tensor Fractions(double[] fractions) => tensor(fractions, dtype: ScalarType.Float32, device: most.device).view(most.shape[0], -1);
    }
}
