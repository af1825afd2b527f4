namespace MLNet.DeepExtensions;

/// <summary>Where a published network's weights lie.</summary>
/// <param name="Weights">The file, or the index of several.</param>
/// <param name="Classes">What the last layer's outputs stand for, where config.json says it.</param>
internal sealed record PublishedFiles(string Weights, IReadOnlyList<string>? Classes)
{
    /// <summary>Compares the paths, and the classes one by one.</summary>
    public bool Equals(PublishedFiles? other) => other is not null && Weights == other.Weights && (Classes ?? []).SequenceEqual(other.Classes ?? []);

    public override int GetHashCode() => HashCode.Combine(Weights, Classes?.Count);
}
