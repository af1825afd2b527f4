namespace MLNet.DeepExtensions;

/// <summary>What flows along an edge of an <see cref="OnnxGraph"/>: the output of a node, a weight, a constant or an input.</summary>
public sealed record GraphValue
{
    internal GraphValue(string name) => Name = name;

    /// <summary>Gets the name in the graph.</summary>
    public string Name { get; }
}

/// <summary>One batch as a network takes it, in a graph: the twin of <see cref="ModelInput"/>.</summary>
public sealed record GraphInput
{
    internal GraphInput(IReadOnlyList<GraphColumn> columns) => Columns = columns;

    /// <summary>Gets the columns, in the order in which the trainer was given them.</summary>
    public IReadOnlyList<GraphColumn> Columns { get; }

    /// <summary>Gets the only column's values.</summary>
    /// <exception cref="InvalidOperationException">There are several columns.</exception>
    public GraphValue Values => Columns.Count == 1 ? Columns[0].Values
        : throw new InvalidOperationException($"There are {Columns.Count} columns: {string.Join(", ", Columns.Select(column => column.Name))}. Take them one by one from Columns.");

    /// <summary>Wraps the values of one column.</summary>
    /// <param name="values">[N, …].</param>
    public static implicit operator GraphInput(GraphValue values) => new([new GraphColumn("", values)]);
}

/// <summary>One column of a batch in a graph.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Values">[N, …shape]; where rows differ in length, padded.</param>
/// <param name="Lengths">The steps in each row, [N] in int64; null where all rows have one length.</param>
public sealed record GraphColumn(string Name, GraphValue Values, GraphValue? Lengths = null);

/// <summary>
/// A network, or a part of one, that says what it computes in ONNX's operators, as <c>forward</c> says it in libtorch's: in evaluation mode, without dropout.
/// The layers of <c>torch.nn</c> are known already; a module of your own implements this beside its <c>forward</c>.
/// </summary>
public interface IOnnxExportable
{
    /// <summary>Adds the module's nodes.</summary>
    /// <param name="graph">The graph; its <see cref="OnnxGraph.Call(TorchSharp.torch.nn.Module, GraphInput)"/> adds a part's nodes.</param>
    /// <param name="input">What <c>forward</c> takes.</param>
    /// <returns>What <c>forward</c> gives.</returns>
    GraphValue Export(OnnxGraph graph, GraphInput input);
}
