using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Adds normal noise to each number.</summary>
[ConfigName("random-noise")]
public sealed record RandomNoise : SequenceAugmentation, IValidatableObject
{
    /// <summary>Gets the standard deviation of the noise, of which one is drawn for each example.</summary>
    /// <value>At least 0. The default is (0, 0.1): up to a tenth of the numbers' own, where the trainer normalises.</value>
    public Interval Std { get; init; } = (0, 0.1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Std.IsWithin(0, 1e6))
            yield return new ValidationResult($"Std must be an interval of at least 0, as (0, 0.1), but is {Std}.");
    }

    internal override SequenceChange? Draw(SeededRandom random, int count)
    {
        var (stds, seed) = (random.Each(count, Std.Draw), (ulong)random.Below(long.MaxValue));
        return (values, _) =>
        {
            // a generator of its own, on the CPU: the same noise on any device
            using var generator = new Generator(seed);
            return values + randn(values.shape, generator: generator).to(values.device) * PerExample(stds, values);
        };
    }
}
