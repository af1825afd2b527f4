using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Makes an example louder or softer: all its numbers times one factor. It is meant for samples and readings; numbers that are logarithms, as mel bands are, change their contrast instead.</summary>
[ConfigName("random-gain")]
public sealed record RandomGain : SequenceAugmentation, IValidatableObject
{
    /// <summary>Gets the gain in decibels, of which one is drawn for each example: 6 doubles, -6 halves.</summary>
    /// <value>In [-120, 120]. The default is (-6, 6).</value>
    public Interval Decibels { get; init; } = (-6, 6);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Decibels.IsWithin(-120, 120))
            yield return new ValidationResult($"Decibels must be an interval within (-120, 120), as (-6, 6), but is {Decibels}.");
    }

    internal override SequenceChange? Draw(SeededRandom random, int count)
    {
        var factors = random.Each(count, dice => Math.Pow(10, Decibels.Draw(dice) / 20));
        return (values, _) => values * PerExample(factors, values);
    }
}
