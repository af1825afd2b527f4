using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>The shape of one example as a network receives it, without the batch dimension.</summary>
[ConfigFamily]
public abstract record InputShape
{
    private protected InputShape() { }

    /// <summary>Gets the dimensions in the order in which the network sees them: [length], [channels, height, width] or [steps, width]; -1 where they differ from row to row.</summary>
    public abstract IReadOnlyList<long> Dimensions { get; }

    /// <summary>Gets the number of values in one example.</summary>
    /// <exception cref="InvalidOperationException">It differs from row to row.</exception>
    public long Count => IsVariable ? throw new InvalidOperationException($"Examples of shape {this} differ in length.")
        : Dimensions.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Gets whether examples differ in length: a batch is then padded to its longest.</summary>
    public virtual bool IsVariable => Dimensions.Contains(-1);

    /// <summary>The numbers that are normalised by a mean and a standard deviation of their own: channels of a picture, features of a vector or of a step.</summary>
    internal virtual long ChannelCount => Dimensions[0];

    /// <summary>The channels' dimension in [N, …shape].</summary>
    internal virtual int ChannelDimension => 1;

    /// <inheritdoc/>
    public sealed override string ToString() => Describe();

    private protected virtual string Describe() => "[" + string.Join(", ", Dimensions.Select(size => size < 0 ? "*" : $"{size}")) + "]";
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

/// <summary>A sequence of steps of some numbers each, shape [steps, width]: a vector column holds one step after the other.</summary>
/// <param name="Width">The numbers in a step, at least 1.</param>
/// <param name="Length">The steps in every row; null where rows differ. Of an <see cref="InputColumn"/> it may be left out: the column's type says it.</param>
[ConfigName("sequence")]
public sealed record SequenceShape(
    [property: Range(1, int.MaxValue)] int Width,
    [property: Range(1, int.MaxValue)] int? Length = null) : InputShape
{
    /// <inheritdoc/>
    public override IReadOnlyList<long> Dimensions => [Length ?? -1, Width];

    internal override long ChannelCount => Width;

    internal override int ChannelDimension => 2;
}

/// <summary>Categories by number, shape [length], for an embedding: words of a text, or one category. A key column's missing value is 0, its first category 1.</summary>
/// <param name="Categories">How many numbers there are: each is at least 0 and below this.</param>
/// <param name="Length">How many in every row; null where rows differ. Of an <see cref="InputColumn"/> it may be left out: the column's type says it.</param>
[ConfigName("ids")]
public sealed record IdsShape(
    [property: Range(1, int.MaxValue)] int Categories,
    [property: Range(1, int.MaxValue)] int? Length = null) : InputShape
{
    /// <summary>Gets the number that ends each part of a row, where a row may have several, as a pair of texts has: a network that tells parts apart counts them.</summary>
    /// <value>The default, null, knows no parts.</value>
    public int? Separator { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Dimensions => [Length ?? -1];
}

/// <summary>Several columns, each with a shape of its own.</summary>
/// <param name="Columns">The columns, at least one, in the order in which they were named.</param>
[ConfigName("columns")]
public sealed record ColumnsShape([property: Required, MinLength(1)] IReadOnlyList<NamedShape> Columns) : InputShape
{
    /// <summary>Gets no dimensions: each column has its own.</summary>
    public override IReadOnlyList<long> Dimensions => [];

    /// <inheritdoc/>
    public override bool IsVariable => Columns.Any(column => column.Shape.IsVariable);

    /// <summary>Compares the columns one by one.</summary>
    /// <param name="other">Another shape.</param>
    /// <returns>Whether both have the same columns of the same shapes.</returns>
    public bool Equals(ColumnsShape? other) => other is not null && Columns.SequenceEqual(other.Columns);

    /// <inheritdoc/>
    public override int GetHashCode() => Columns.Count;

    private protected override string Describe() => "{ " + string.Join(", ", Columns.Select(column => $"{column.Name} {column.Shape}")) + " }";
}

/// <summary>One of several columns.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Shape">The shape of one example in it.</param>
public sealed record NamedShape([property: Required] string Name, [property: Required] InputShape Shape);
