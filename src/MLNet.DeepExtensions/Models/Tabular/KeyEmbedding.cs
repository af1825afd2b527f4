using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Entity embeddings of one column of categories (Guo and Berkhahn 2016): [N, length] whole numbers → [N, length, width]; rows that differ in length → [N, 1, width], the mean of their categories.
/// Category 0, a key's missing value and in scoring the one that was never seen, starts as zeros: where training has none of it, it stays neutral.
/// </summary>
internal sealed class KeyEmbedding : Module<InputTensor, Tensor>, IOnnxExportable
{
    private readonly Embedding table;

    /// <param name="categories">How many numbers there are.</param>
    /// <param name="width">The width of a vector.</param>
    /// <param name="std">The standard deviation of the initial weights.</param>
    /// <param name="device">Where to create them.</param>
    public KeyEmbedding(int categories, int width, double std, Device? device) : base(nameof(KeyEmbedding))
    {
        table = Embedding(categories, width, device: device);
        init.normal_(table.weight!, 0, std);
        using (no_grad())
            table.weight![0].zero_();
        RegisterComponents();
        Width = width;
    }

    /// <summary>Gets the width of a vector.</summary>
    public int Width { get; }

    /// <summary>One for each column of categories.</summary>
    /// <param name="columns">What the columns hold.</param>
    /// <param name="width">The width of a vector; null goes by how many categories there are.</param>
    /// <param name="device">Where to create the weights.</param>
    public static KeyEmbedding[] ForEach(TableColumns columns, int? width, Device? device) =>
        [.. columns.Keys.Select(column => (column.Categories, Width: width ?? UsualWidth(column.Categories))).Select(item => new KeyEmbedding(item.Categories, item.Width, 1 / Math.Sqrt(item.Width), device))];

    /// <summary>Makes them parts of a network: a list of modules would be a part that nobody calls.</summary>
    public static void Register(Module network, IReadOnlyList<KeyEmbedding> keys)
    {
        for (var i = 0; i < keys.Count; i++)
            network.register_module($"key{i + 1}", keys[i]);
    }

    /// <summary>The width for so many categories, fast.ai's rule of thumb: 1.6 · categories^0.56, at most 50.</summary>
    public static int UsualWidth(int categories) => Math.Clamp((int)Math.Round(1.6 * Math.Pow(categories, 0.56)), 1, 50);

    public override Tensor forward(InputTensor column)
    {
        using var scope = NewDisposeScope();
        var vectors = table.call(column.Values);                                                    // [N, length, width]
        if (column.Mask() is { } mask)
            vectors = (vectors * mask.unsqueeze(2)).sum(1, keepdim: true) / column.Lengths!.view(-1, 1, 1);
        return vectors.MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var column = input.Columns[0];
        var vectors = graph.Call(table, column.Values);                                             // [N, length, width]
        return column.Mask() is { } mask ? vectors.Where(mask.Unsqueeze(2), 0).Sum(1, keepDim: true) / column.Lengths!.Reshape(-1, 1, 1).ToFloat() : vectors;
    }
}
