using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>What networks for sequences read at each step: a column's numbers, its categories' embeddings, or several columns' side by side.</summary>
internal sealed class StepInput : Module<ModelInput, InputTensor>, IOnnxExportable
{
    private readonly ModuleList<Embedding> embeddings = [];
    private readonly Embedding?[] ofColumn;

    /// <param name="input">The shape of one example.</param>
    /// <param name="network">The network's name, for messages.</param>
    /// <param name="embeddingSize">The numbers that stand for a category.</param>
    /// <param name="device">Where the weights are wanted.</param>
    /// <exception cref="ArgumentException">Examples are no sequences; the message says what to write.</exception>
    public StepInput(InputShape input, string network, int embeddingSize, Device? device) : base(nameof(StepInput))
    {
        ArgumentNullException.ThrowIfNull(input);
        IReadOnlyList<NamedShape> columns = input is ColumnsShape several ? several.Columns : [new NamedShape("", input)];
        foreach (var column in columns)
            Require(column, network);
        if (columns.FirstOrDefault(column => column.Shape.Dimensions[0] != columns[0].Shape.Dimensions[0]) is { } other)
            throw new ArgumentException($"{network} reads its columns step by step together, but '{columns[0].Name}' has {Steps(columns[0].Shape)} and '{other.Name}' {Steps(other.Shape)}. " +
                $"Give them one length, or let each have a network of its own: new {nameof(Fusion)}().", nameof(input));
        // category 0 is a key's missing value, and padding: a vector of zeros that is not learnt
        ofColumn = [.. columns.Select(column => column.Shape is IdsShape ids ? Embedding(ids.Categories, embeddingSize, padding_idx: 0, device: device) : null)];
        foreach (var embedding in ofColumn.OfType<Embedding>())
            embeddings.Add(embedding);
        Width = columns.Sum(column => column.Shape is IdsShape ? embeddingSize : column.Shape.ChannelCount);
        RegisterComponents();
    }

    /// <summary>The numbers at each step.</summary>
    public long Width { get; }

    /// <summary>Gets the vectors of the categories, where there is one column and it has some.</summary>
    public Embedding? OnlyEmbedding => ofColumn is [var only] ? only : null;

    /// <summary>Gets the vectors of the categories of all columns that have some.</summary>
    public IEnumerable<Embedding> Embeddings => embeddings;

    /// <returns>[N, steps, <see cref="Width"/>] with the lengths.</returns>
    /// <exception cref="InvalidOperationException">Columns of one row differ in length.</exception>
    public override InputTensor forward(ModelInput input)
    {
        var first = input.Columns[0];
        if (input.Columns.Count == 1)
            return first with { Values = ofColumn[0] is { } embedding ? embedding.call(first.Values) : first.Values };
        foreach (var other in input.Columns.Skip(1))
            CheckLengths(first, other);
        using var scope = NewDisposeScope();
        return first with { Values = cat([.. input.Columns.Select((column, i) => ofColumn[i] is { } embedding ? embedding.call(column.Values) : column.Values)], 2).MoveToOuterDisposeScope() };
    }

    /// <returns>[N, steps, <see cref="Width"/>].</returns>
    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var first = input.Columns[0];
        return GraphValue.Cat([.. input.Columns.Select((column, i) =>
        {
            var values = ofColumn[i] is { } embedding ? graph.Call(embedding, column.Values) : column.Values;
            return i == 0 || column.Lengths is null ? values : graph.Require(values, graph.Node("Not", [graph.Node("Equal", [first.Lengths!, column.Lengths])]),
                $"'{first.Name}' and '{column.Name}' must have as many steps in each row");
        })], 2);
    }

    private static void Require(NamedShape column, string network)
    {
        if (column.Shape is SequenceShape or IdsShape)
            return;
        var (what, write) = (column.Name.Length == 0 ? "an example" : $"column '{column.Name}'", column.Name.Length == 0 ? "inputShape: new SequenceShape({0})" : $"new InputColumn(\"{column.Name}\", new SequenceShape({{0}}))");
        throw new ArgumentException($"{network} reads sequences of steps, but {what} is " + column.Shape switch
        {
            ImageShape { Channels: 1 } picture => $"a picture {picture}. For pictures use {nameof(ConvNet)} or {nameof(ResNet)}; where each of its {picture.Height} rows is a step, say how many numbers a step has: {string.Format(write, picture.Width)}.",
            ImageShape picture => $"a picture {picture}. For pictures use {nameof(ConvNet)} or {nameof(ResNet)}.",
            VectorShape vector => $"a vector {vector}. Say how many numbers a step has: {string.Format(write, "width")}" +
                (column.Name.Length == 0 ? "." : $"; what holds for the whole row goes beside the sequence with new {nameof(Fusion)}()."),
            var shape => $"{shape}.",
        }, "input");
    }

    private static string Steps(InputShape shape) => shape.IsVariable ? "steps that differ from row to row" : $"{shape.Dimensions[0]} steps";

    private static void CheckLengths(InputTensor first, InputTensor other)
    {
        if (first.Lengths is null || other.Lengths is null)
            return;
        using var scope = NewDisposeScope();
        var differs = first.Lengths.ne(other.Lengths);
        if (!differs.any().item<bool>())
            return;
        var row = differs.to(ScalarType.Int32).argmax().item<long>();
        throw new InvalidOperationException($"Columns '{first.Name}' and '{other.Name}' are read step by step together, but a row has {first.Lengths[row].item<long>()} steps in one and " +
            $"{other.Lengths[row].item<long>()} in the other. Cut them to one length, or let each have a network of its own: new {nameof(Fusion)}().");
    }
}
