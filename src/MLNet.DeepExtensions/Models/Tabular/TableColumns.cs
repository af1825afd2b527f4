namespace MLNet.DeepExtensions;

/// <summary>How a network for tables reads its columns: which are numbers, which are categories.</summary>
internal sealed class TableColumns
{
    /// <exception cref="ArgumentException">A column is neither.</exception>
    public TableColumns(InputShape input, string network)
    {
        ArgumentNullException.ThrowIfNull(input);
        Shapes = input is ColumnsShape several ? [.. several.Columns] : [new NamedShape("Features", input)];
        foreach (var column in Shapes)
            if (column.Shape is not (VectorShape or IdsShape))
                throw new ArgumentException($"{network} takes numbers, vectors of numbers and keys, but column '{column.Name}' is {column.Shape.GetType().Name} {column.Shape}. " +
                    "Leave it out of featureColumns, or write a network that encodes it.", nameof(input));
        Numbers = Shapes.Sum(column => column.Shape is VectorShape vector ? vector.Length : 0);
        Keys = [.. Shapes.Select((column, number) => (Number: number, Ids: column.Shape as IdsShape)).Where(item => item.Ids is not null).Select(item => new KeyColumn(item.Number, item.Ids!.Categories, item.Ids.Length ?? 1, item.Ids.Length is null))];
    }

    public IReadOnlyList<NamedShape> Shapes { get; }

    /// <summary>Gets how many features are numbers.</summary>
    public int Numbers { get; }

    public IReadOnlyList<KeyColumn> Keys { get; }

    /// <summary>The numbers of a batch side by side, [N, <see cref="Numbers"/>]; null where there are none.</summary>
    public TorchSharp.torch.Tensor? NumbersOf(ModelInput input)
    {
        var parts = input.Columns.Where((_, i) => Shapes[i].Shape is VectorShape).Select(column => column.Values).ToList();
        return parts.Count == 0 ? null : parts.Count == 1 ? parts[0] : TorchSharp.torch.cat(parts, 1);
    }

    /// <inheritdoc cref="NumbersOf(ModelInput)"/>
    public GraphValue? NumbersOf(GraphInput input)
    {
        var parts = input.Columns.Where((_, i) => Shapes[i].Shape is VectorShape).Select(column => column.Values).ToList();
        return parts.Count == 0 ? null : GraphValue.Cat(parts, 1);
    }
}

/// <summary>A column of categories.</summary>
/// <param name="Number">Which column.</param>
/// <param name="Categories">How many numbers there are; 0 is the missing one of a key.</param>
/// <param name="Vectors">How many embedded vectors a row has.</param>
/// <param name="IsSet">Whether rows differ in length: their categories' mean is then one vector.</param>
internal sealed record KeyColumn(int Number, int Categories, int Vectors, bool IsSet);
