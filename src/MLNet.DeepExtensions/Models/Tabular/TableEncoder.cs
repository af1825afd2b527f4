using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A table's row as one vector: numbers scaled or embedded, marks where numbers are missing, embedded categories, side by side: a batch → [N, <see cref="Width"/>].</summary>
internal sealed class TableEncoder : Module<ModelInput, Tensor>, IOnnxExportable
{
    private readonly TableColumns columns;
    private readonly NumberScaling? scaling;
    private readonly Module<Tensor, Tensor>? numbers;
    private readonly KeyEmbedding[] keys;

    /// <param name="columns">What the columns hold.</param>
    /// <param name="fitted">What was learnt of the numbers; null leaves them as they are.</param>
    /// <param name="embedding">How numbers are embedded; null takes each as one value.</param>
    /// <param name="numberWidth">The width of a number's vector.</param>
    /// <param name="keyWidth">The width of a category's; null goes by how many there are.</param>
    /// <param name="device">Where to create the weights.</param>
    public TableEncoder(TableColumns columns, FittedNumbers? fitted, NumericEmbedding? embedding, int numberWidth, int? keyWidth, Device? device) : base(nameof(TableEncoder))
    {
        this.columns = columns;
        if (columns.Numbers > 0)
        {
            fitted = fitted?.For(columns.Numbers) ?? FittedNumbers.Untouched(columns.Numbers);
            scaling = new NumberScaling(fitted, device);
            numbers = embedding?.Build(fitted, numberWidth, device);
            Width = columns.Numbers * (embedding is null ? 1 : numberWidth) + scaling.MissingCount;
        }
        keys = KeyEmbedding.ForEach(columns, keyWidth, device);
        Width += columns.Keys.Zip(keys, (column, key) => column.Vectors * key.Width).Sum();
        RegisterComponents();
        KeyEmbedding.Register(this, keys);
    }

    /// <summary>Gets the width of a row.</summary>
    public int Width { get; }

    public override Tensor forward(ModelInput input)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        if (columns.NumbersOf(input) is { } raw)
        {
            var scaled = scaling!.call(raw);
            parts.Add(numbers?.call(scaled).flatten(1) ?? scaled);
            if (scaling.Indicators(raw) is { } missing)
                parts.Add(missing);
        }
        for (var i = 0; i < keys.Length; i++)
            parts.Add(keys[i].call(input.Columns[columns.Keys[i].Number]).flatten(1));
        return cat(parts, 1).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var parts = new List<GraphValue>();
        if (columns.NumbersOf(input) is { } raw)
        {
            var scaled = graph.Call(scaling!, raw);
            parts.Add(numbers is null ? scaled : graph.Call(numbers, scaled).Flatten());
            if (scaling!.Indicators(graph, raw) is { } missing)
                parts.Add(missing);
        }
        for (var i = 0; i < keys.Length; i++)
            parts.Add(graph.Call(keys[i], input.Columns[columns.Keys[i].Number]).Flatten());
        return GraphValue.Cat(parts, 1);
    }
}
