using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Mean and standard deviation of each target over the training rows: the network learns targets that are scaled by them, and scores are scaled back.</summary>
internal sealed record TargetScale : IValidatableObject
{
    [Required]
    public required IReadOnlyList<float> Mean { get; init; }

    [Required]
    public required IReadOnlyList<float> Std { get; init; }

    /// <summary>Measures targets. A target that never changes is only moved.</summary>
    /// <param name="rows">The targets, row after row.</param>
    /// <param name="width">How many a row has.</param>
    public static TargetScale Measure(IEnumerable<float[]> rows, int width)
    {
        // Welford 1962: sums of squares would lose what matters where the mean is large
        var (mean, spread, count) = (new double[width], new double[width], 0L);
        foreach (var row in rows)
        {
            count++;
            for (var i = 0; i < width; i++)
            {
                var ahead = row[i] - mean[i];
                mean[i] += ahead / count;
                spread[i] += ahead * (row[i] - mean[i]);
            }
        }
        return new TargetScale
        {
            Mean = [.. mean.Select(value => (float)value)],
            Std = [.. spread.Select(value => (float)Math.Sqrt(value / Math.Max(1, count))).Select(value => value > 0 && float.IsFinite(value) ? value : 1)],
        };
    }

    /// <summary>The scale of each of so many outputs, where neighbours that belong to one target share its scale.</summary>
    public (float[] Mean, float[] Std) Over(int width)
    {
        var shared = width / Mean.Count;
        return ([.. Enumerable.Range(0, width).Select(i => Mean[i / shared])], [.. Enumerable.Range(0, width).Select(i => Std[i / shared])]);
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Mean.Count != Std.Count || Mean.Any(value => !float.IsFinite(value)) || Std.Any(value => !float.IsFinite(value) || value <= 0))
            yield return new ValidationResult("the scale of the targets must have a finite mean and a standard deviation above 0 for each.");
    }

    public bool Equals(TargetScale? other) => other is not null && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    public override int GetHashCode() => HashCode.Combine(Mean.Count, Std.Count);
}
