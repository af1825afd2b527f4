using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>The shape of one example as a network receives it, without the batch dimension.</summary>
[ConfigFamily]
public abstract record InputShape
{
    private protected InputShape() { }

    /// <summary>Gets the dimensions in the order in which the network sees them: [length], or [channels, height, width].</summary>
    public abstract IReadOnlyList<long> Dimensions { get; }

    /// <summary>Gets the number of values in one example.</summary>
    public long Count => Dimensions.Aggregate(1L, (product, size) => checked(product * size));

    /// <inheritdoc/>
    public sealed override string ToString() => "[" + string.Join(", ", Dimensions) + "]";
}

/// <summary>A plain vector of features, shape [length].</summary>
/// <param name="Length">The number of features, at least 1.</param>
[ConfigName("vector")]
public sealed record VectorShape([property: Range(1, int.MaxValue)] int Length) : InputShape
{
    /// <inheritdoc/>
    public override IReadOnlyList<long> Dimensions => [Length];
}

/// <summary>A picture, shape [channels, height, width] for the network, as in PyTorch.</summary>
/// <param name="Height">Rows, in pixels.</param>
/// <param name="Width">Columns, in pixels.</param>
/// <param name="Channels">1 for grey, 3 for colour.</param>
[ConfigName("image")]
public sealed record ImageShape(
    [property: Range(1, 1 << 16)] int Height,
    [property: Range(1, 1 << 16)] int Width,
    [property: Range(1, 1 << 16)] int Channels = 1) : InputShape
{
    /// <inheritdoc/>
    public override IReadOnlyList<long> Dimensions => [Channels, Height, Width];
}
