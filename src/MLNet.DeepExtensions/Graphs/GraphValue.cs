namespace MLNet.DeepExtensions;

/// <summary>What flows along an edge of an <see cref="OnnxGraph"/>: the output of a node, a weight, a constant or an input.</summary>
public sealed partial record GraphValue
{
    private readonly OnnxGraph graph;

    internal GraphValue(OnnxGraph graph, string name) => (this.graph, Name) = (graph, name);

    /// <summary>Gets the name in the graph.</summary>
    public string Name { get; }
}

/// <summary>One batch as a network takes it, in a graph: the twin of <see cref="ModelInput"/>.</summary>
public sealed record GraphInput
{
    /// <summary>Puts columns together, for a part of a network that takes several.</summary>
    /// <param name="columns">The columns.</param>
    public GraphInput(params IReadOnlyList<GraphColumn> columns) => Columns = columns;

    /// <summary>Gets the columns, in the order in which the trainer was given them.</summary>
    public IReadOnlyList<GraphColumn> Columns { get; }

    /// <summary>Gets the only column's values.</summary>
    /// <exception cref="InvalidOperationException">There are several columns.</exception>
    public GraphValue Values => Columns.Count == 1 ? Columns[0].Values
        : throw new InvalidOperationException($"There are {Columns.Count} columns: {string.Join(", ", Columns.Select(column => column.Name))}. Take them one by one from Columns.");

    /// <summary>Wraps the values of one column.</summary>
    /// <param name="values">[N, …].</param>
    public static implicit operator GraphInput(GraphValue values) => new(new GraphColumn("", values));

    /// <summary>Wraps one column.</summary>
    /// <param name="column">The column.</param>
    public static implicit operator GraphInput(GraphColumn column) => new(column);
}

/// <summary>One column of a batch in a graph.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Values">[N, …shape]; where rows differ in length, padded.</param>
/// <param name="Lengths">The steps in each row, [N] in int64; null where all rows have one length.</param>
public sealed record GraphColumn(string Name, GraphValue Values, GraphValue? Lengths = null)
{
    /// <summary>Says where steps are and where padding.</summary>
    /// <param name="dim">The dimension of the values that has the steps.</param>
    /// <returns>[N, steps], true at each step of a row; null where all rows have one length.</returns>
    public GraphValue? Mask(int dim = 1) => Lengths is null ? null : Values.StepsBelow(Lengths, dim);

    /// <summary>The twin of <see cref="InputTensor.BlankPadding"/>.</summary>
    internal GraphValue BlankPadding(OnnxGraph graph, GraphValue output, long outputs)
    {
        if (Mask() is not { } mask)
            return output;
        float[] blank = [0, .. Enumerable.Repeat(-1e4f, (int)outputs - 1)];
        return graph.Node("Where", [mask.Unsqueeze(2), output, graph.Constant(blank, outputs)]);
    }
}

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
