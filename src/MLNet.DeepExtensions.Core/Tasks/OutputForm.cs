namespace MLNet.DeepExtensions;

/// <summary>What a network gives for each target: a number, several quantiles, or a mean and a variance.</summary>
internal sealed record OutputForm
{
    public static OutputForm Plain { get; } = new();

    /// <summary>Gets the quantiles; null where the outputs are none.</summary>
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <summary>Gets whether the second output of each target says the variance, which is its softplus.</summary>
    public bool HasVariance { get; init; }

    /// <summary>Gets what makes scores of raw outputs, where the loss takes them for something else than the targets themselves.</summary>
    public OutputActivation Activation { get; init; }

    public int OutputsPerTarget => Quantiles?.Count ?? (HasVariance ? 2 : 1);

    public bool Equals(OutputForm? other) => other is not null && (HasVariance, Activation) == (other.HasVariance, other.Activation) && (Quantiles ?? []).SequenceEqual(other.Quantiles ?? []);

    public override int GetHashCode() => HashCode.Combine(HasVariance, Activation, Quantiles?.Count);
}
