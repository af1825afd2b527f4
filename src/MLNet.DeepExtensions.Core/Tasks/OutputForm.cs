namespace MLNet.DeepExtensions;

/// <summary>What a network gives for each target: a number, several quantiles, or a mean and a variance.</summary>
internal sealed record OutputForm
{
    public static OutputForm Plain { get; } = new();

    /// <summary>Gets the quantiles; null where the outputs are none.</summary>
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <summary>Gets whether the second output of each target says the variance.</summary>
    public bool HasVariance { get; init; }

    public int OutputsPerTarget => Quantiles?.Count ?? (HasVariance ? 2 : 1);

    public bool Equals(OutputForm? other) => other is not null && HasVariance == other.HasVariance && (Quantiles ?? []).SequenceEqual(other.Quantiles ?? []);

    public override int GetHashCode() => HashCode.Combine(HasVariance, Quantiles?.Count);
}
