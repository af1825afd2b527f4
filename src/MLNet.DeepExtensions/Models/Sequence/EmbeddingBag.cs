using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Categories whose order does not matter: the mean of their embeddings, dropout, and a fully connected layer (Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification").
/// Takes a key, a vector of keys or an <see cref="IdsShape"/>, of any length; category 0, a key's missing value, is left out. Parameters are named <c>embedding.weight</c>, <c>fc.weight</c>, <c>fc.bias</c>.
/// </summary>
[ConfigName("embedding-bag")]
public sealed record EmbeddingBag : ModelConfig
{
    /// <summary>Gets the numbers that stand for a category.</summary>
    /// <value>In [1, 8192]. The default is 64.</value>
    [Range(1, 8192)]
    public int EmbeddingSize { get; init; } = 64;

    /// <summary>Gets the probability of zeroing a number of the mean while training.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; }

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "fc";

    internal override TextTokenizer? TokenizerFor(string column) => new WordPiece();

    /// <inheritdoc/>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input is IdsShape ids ? new Network(this, ids.Categories, outputs, device) : throw new ArgumentException(
            $"{nameof(EmbeddingBag)} takes one column of categories, but an example is {input}. Make keys of it: mlContext.Transforms.Conversion.MapValueToKey(…), or of whole numbers: inputShape: new IdsShape(categories).", nameof(input));
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { EmbeddingSize = 16 }, new IdsShape(30), 3);

    private sealed class Network : Module<ModelInput, Tensor>, IOnnxExportable
    {
        private readonly Embedding embedding;
        private readonly SeededDropout drop;
        private readonly Linear fc;

        public Network(EmbeddingBag config, long categories, int outputs, Device? device) : base(nameof(EmbeddingBag))
        {
            embedding = Embedding(categories, config.EmbeddingSize, padding_idx: 0, device: device);
            drop = new SeededDropout(config.Dropout);
            fc = Linear(config.EmbeddingSize, outputs, device: device);
            RegisterComponents();
        }

        public override Tensor forward(ModelInput input)
        {
            using var scope = NewDisposeScope();
            var ids = input.Values;                                                                     // [N, categories of the row]
            var counts = ids.ne(0);
            if (input.Columns[0].Mask() is { } mask)
                counts = counts.logical_and(mask);
            var sum = (embedding.call(ids) * counts.unsqueeze(2)).sum(1);                               // [N, size]
            return fc.call(drop.call(sum / counts.sum(1, keepdim: true).clamp_min(1))).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var ids = input.Values;                                                                     // [N, categories of the row]
            var counts = graph.Node("Not", [graph.Node("Equal", [ids, graph.Scalar(0)])]);
            if (input.Columns[0].Mask() is { } mask)
                counts = graph.Node("And", [counts, mask]);
            var sum = (graph.Call(embedding, ids) * counts.ToFloat().Unsqueeze(2)).Sum(1);              // [N, size]
            return graph.Call(fc, sum / graph.Node("Max", [counts.ToFloat().Sum(1, keepDim: true), graph.Constant(1f)]));
        }
    }
}
