using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// What a network for tables learnt of the training rows' numbers before it was built: one entry for each feature, in the order of the columns. It is saved with the model.
/// <c>Fit</c> fills it; a config that has it already, for example another model's, keeps it.
/// </summary>
public sealed record FittedNumbers : IValidatableObject
{
    /// <summary>Gets what is subtracted from each feature.</summary>
    /// <value>Finite numbers.</value>
    [Required]
    public required IReadOnlyList<float> Mean { get; init; }

    /// <summary>Gets what each feature is divided by then.</summary>
    /// <value>Finite numbers above 0.</value>
    [Required]
    public required IReadOnlyList<float> Std { get; init; }

    /// <summary>Gets the numbers, from 0, of the features that are missing in some training row: the network is told where they are. A missing number is otherwise the mean.</summary>
    /// <value>The default is none.</value>
    [Required]
    public IReadOnlyList<int> Missing { get; init; } = [];

    /// <summary>Gets each feature's ends of bins, in the feature's own unit.</summary>
    /// <value>Growing finite numbers. The default, null, is for embeddings without bins.</value>
    public IReadOnlyList<IReadOnlyList<float>>? Bins { get; init; }

    internal static FittedNumbers Of(RowStatistics rows, NumericEmbedding? embedding)
    {
        var features = rows.Columns.OfType<IReadOnlyList<NumberStatistics>>().SelectMany(column => column).ToList();
        return new FittedNumbers
        {
            Mean = [.. features.Select(feature => feature.Mean)],
            Std = [.. features.Select(feature => feature.Std)],
            Missing = [.. features.Select((feature, number) => (feature, number)).Where(item => item.feature.HasMissing).Select(item => item.number)],
            Bins = embedding is PiecewiseLinear piecewise ? [.. features.Select(feature => feature.Quantiles(piecewise.Bins))] : null,
        };
    }

    // a network that saw no rows takes numbers as they are
    internal static FittedNumbers Untouched(int count) => new() { Mean = [.. new float[count]], Std = [.. Enumerable.Repeat(1f, count)] };

    /// <exception cref="ArgumentException">The numbers belong to other columns.</exception>
    internal FittedNumbers For(int count) => Mean.Count == count && Missing.All(feature => feature < count) ? this : throw new ArgumentException(
        $"Numbers was learnt of {Mean.Count} features, but the columns have {count}. Leave Numbers out of the config: Fit learns it of the rows.");

    /// <summary>Checks what a file, or somebody, says.</summary>
    /// <param name="validationContext">Names the config.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Mean is null || Std is null || Missing is null)
            yield break;
        if (Std.Count != Mean.Count || Bins is not null && Bins.Count != Mean.Count)
            yield return new ValidationResult($"there are {Mean.Count} means, {Std.Count} standard deviations and {Bins?.Count ?? Mean.Count} lists of bins; each feature needs one of each.");
        if (!Mean.All(float.IsFinite) || !Std.All(value => float.IsFinite(value) && value > 0))
            yield return new ValidationResult("means must be finite, and standard deviations finite and above 0.");
        if (Missing.Any(feature => feature < 0 || feature >= Mean.Count) || Missing.Distinct().Count() != Missing.Count)
            yield return new ValidationResult($"Missing must name features from 0 to {Mean.Count - 1}, each once.");
        if (Bins?.Any(ends => ends is null || ends.Any(end => !float.IsFinite(end)) || ends.Zip(ends.Skip(1)).Any(two => !(two.First < two.Second))) == true)
            yield return new ValidationResult("the ends of bins must be finite and grow.");
    }

    /// <summary>Compares number by number.</summary>
    /// <param name="other">Other numbers.</param>
    /// <returns>Whether both are the same.</returns>
    public bool Equals(FittedNumbers? other) => other is not null && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std) && Missing.SequenceEqual(other.Missing) &&
        (Bins is null ? other.Bins is null : other.Bins is not null && Bins.Count == other.Bins.Count && Bins.Zip(other.Bins).All(two => two.First.SequenceEqual(two.Second)));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mean.Count, Missing.Count, Bins?.Count);
}
