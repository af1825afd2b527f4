using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// The feature tokenizer and Transformer (Gorishniy et al. 2021, "Revisiting deep learning models for tabular data"): each number and each key is a vector of its own, they look at each other in layers of
/// attention, and one more vector gathers the answer. Slower than <see cref="TabularNet"/>, and often the better one where features work together.
/// Takes numbers, yes or no, vectors, and keys, one column or many; missing numbers are marked.
/// </summary>
[ConfigName("ft-transformer")]
public sealed record FtTransformer : ModelConfig, IValidatableObject
{
    /// <summary>Gets the width of a feature's vector.</summary>
    /// <value>In [1, 4096], a multiple of <see cref="Heads"/>. The default is 64.</value>
    [Range(1, 4096)]
    public int Width { get; init; } = 64;

    /// <summary>Gets the number of layers.</summary>
    /// <value>In [1, 64]. The default is 3.</value>
    [Range(1, 64)]
    public int Layers { get; init; } = 3;

    /// <summary>Gets the number of attention heads.</summary>
    /// <value>In [1, 128]. The default is 8.</value>
    [Range(1, 128)]
    public int Heads { get; init; } = 8;

    /// <summary>Gets the width inside a layer's feed-forward network, as a multiple of <see cref="Width"/>.</summary>
    /// <value>In [0.1, 16]. The default is 4/3, the paper's.</value>
    [Range(0.1, 16.0)]
    public double HiddenFactor { get; init; } = 4.0 / 3;

    /// <summary>Gets the probability of zeroing an attention weight while training.</summary>
    /// <value>In [0, 1). The default is 0.2.</value>
    [Range(0.0, 0.999)]
    public double AttentionDropout { get; init; } = 0.2;

    /// <summary>Gets the probability of zeroing an activation inside a feed-forward network while training.</summary>
    /// <value>In [0, 1). The default is 0.1.</value>
    [Range(0.0, 0.999)]
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>Gets how numbers become vectors.</summary>
    /// <value>The default, null, is the paper's: a vector times the value plus a vector.</value>
    public NumericEmbedding? Embedding { get; init; }

    /// <inheritdoc cref="TabularNet.Numbers"/>
    public FittedNumbers? Numbers { get; init; }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<IReadOnlyList<string>> LayersFromInput => [["tokenizer"], .. Enumerable.Range(1, Layers).Select(i => (IReadOnlyList<string>)[$"layers.layer{i}"])];

    /// <inheritdoc/>
    protected internal override bool TakesMissing => true;

    internal override bool LearnsFromRows => Numbers is null;

    internal override ModelConfig Fit(RowStatistics rows) => this with { Numbers = FittedNumbers.Of(rows, Embedding) };

    /// <inheritdoc/>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null) => new Network(this, new TableColumns(input, nameof(FtTransformer)), outputs, device);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Width % Heads != 0)
            yield return new ValidationResult($"Width = {Width} must be a multiple of Heads = {Heads}.");
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() =>
        (this with { Width = 16, Layers = 2, Heads = 2, AttentionDropout = 0, HiddenDropout = 0, Embedding = new Periodic { Frequencies = 4 } }, new TabularNet().Smallest().Input, 3);

    private sealed class Network : Module<ModelInput, Tensor>, IOnnxExportable
    {
        private readonly Tokenizer tokenizer;
        private readonly Sequential layers;
        private readonly LayerNorm norm;
        private readonly Linear head;

        public Network(FtTransformer config, TableColumns columns, int outputs, Device? device) : base(nameof(FtTransformer))
        {
            tokenizer = new Tokenizer(config, columns, device);
            layers = Sequential([.. Enumerable.Range(1, config.Layers).Select(i => ($"layer{i}", (Module<Tensor, Tensor>)new Layer(config, isFirst: i == 1, isLast: i == config.Layers, device)))]);
            norm = LayerNorm(config.Width, device: device);
            head = Linear(config.Width, outputs, device: device);
            RegisterComponents();
        }

        public override Tensor forward(ModelInput input)
        {
            using var scope = NewDisposeScope();
            return head.call(norm.call(layers.call(tokenizer.call(input)).select(1, 0)).relu()).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input) => graph.Call(head, graph.Call(norm, graph.Call(layers, graph.Call(tokenizer, input)).Select(1, 0)).Relu());
    }

    /// <summary>A batch → [N, 1 + features, width]: the vector that gathers the answer, then the features'.</summary>
    private sealed class Tokenizer : Module<ModelInput, Tensor>, IOnnxExportable
    {
        private readonly TableColumns columns;
        private readonly Parameter answer;
        private readonly NumberScaling? scaling;
        private readonly Module<Tensor, Tensor>? numbers;
        private readonly Parameter? missing;
        private readonly Parameter? keys_bias;
        private readonly KeyEmbedding[] keys;
        private readonly long[] places = [];

        public Tokenizer(FtTransformer config, TableColumns columns, Device? device) : base(nameof(Tokenizer))
        {
            this.columns = columns;
            var bound = 1 / Math.Sqrt(config.Width);
            answer = Parameter(init.uniform_(empty(1, 1, config.Width, device: device), -bound, bound));
            if (columns.Numbers > 0)
            {
                var fitted = config.Numbers?.For(columns.Numbers) ?? FittedNumbers.Untouched(columns.Numbers);
                scaling = new NumberScaling(fitted, device);
                numbers = config.Embedding?.Build(fitted, config.Width, device) ?? new ScaledVectors(columns.Numbers, config.Width, device);
                places = [.. fitted.Missing.Select(feature => (long)feature)];
                if (places.Length > 0)
                    missing = Parameter(init.uniform_(empty(places.Length, config.Width, device: device), -bound, bound));
            }
            keys = KeyEmbedding.ForEach(columns, config.Width, device);
            if (keys.Length > 0)
                keys_bias = Parameter(init.uniform_(empty(columns.Keys.Sum(column => column.Vectors) * config.Width, device: device), -bound, bound));
            RegisterComponents();
            KeyEmbedding.Register(this, keys);
        }

        public override Tensor forward(ModelInput input)
        {
            using var scope = NewDisposeScope();
            var tokens = new List<Tensor> { answer.expand(input.Count, -1, -1) };
            if (columns.NumbersOf(input) is { } raw)
            {
                var vectors = numbers!.call(scaling!.call(raw));                                                // [N, numbers, width]
                if (scaling.Indicators(raw) is { } marks)
                    vectors = vectors.index_add(1, tensor(places, device: raw.device), marks.unsqueeze(2) * missing!, 1);
                tokens.Add(vectors);
            }
            if (keys.Length > 0)
                tokens.Add(cat([.. keys.Select((key, i) => key.call(input.Columns[columns.Keys[i].Number]))], 1) + keys_bias!.view(-1, answer.shape[2]));
            return cat(tokens, 1).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var width = answer.shape[2];
            var tokens = new List<GraphValue> { graph.Weight(answer).ExpandRows(input.Columns[0].Values, 1, 1) };
            if (columns.NumbersOf(input) is { } raw)
            {
                var vectors = graph.Call(numbers!, graph.Call(scaling!, raw));                                  // [N, numbers, width]
                if (missing is not null)
                {
                    // of a feature that was never missing the mark adds nothing
                    var marks = graph.Weight(missing, ".ofEachNumber", marks => zeros(columns.Numbers, width).index_add(0, tensor(places), marks.cpu(), 1));
                    vectors += graph.Node("IsNaN", [raw]).ToFloat().Unsqueeze(2) * marks;
                }
                tokens.Add(vectors);
            }
            if (keys.Length > 0)
                tokens.Add(GraphValue.Cat([.. keys.Select((key, i) => graph.Call(key, input.Columns[columns.Keys[i].Number]))], 1) + graph.Weight(keys_bias!).Reshape(-1, width));
            return GraphValue.Cat(tokens, 1);
        }
    }

    /// <summary>Attention and a gated feed-forward network, each behind a norm and added to what came in; the last layer has one vector left to look for.</summary>
    private sealed class Layer : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly LayerNorm? norm_attention;
        private readonly Linear query;
        private readonly Linear key_value;
        private readonly Linear project;
        private readonly LayerNorm norm_hidden;
        private readonly Linear wide;
        private readonly SeededDropout inside;
        private readonly Linear narrow;
        private readonly int heads;
        private readonly double attentionDropout;
        private readonly bool isLast;

        public Layer(FtTransformer config, bool isFirst, bool isLast, Device? device) : base(nameof(Layer))
        {
            (heads, attentionDropout, this.isLast) = (config.Heads, config.AttentionDropout, isLast);
            // the paper leaves the first norm out: the tokens are of one scale by themselves
            norm_attention = isFirst ? null : LayerNorm(config.Width, device: device);
            query = Linear(config.Width, config.Width, device: device);
            key_value = Linear(config.Width, 2 * config.Width, device: device);
            project = Linear(config.Width, config.Width, device: device);
            var hidden = Math.Max(1, (int)(config.Width * config.HiddenFactor));
            norm_hidden = LayerNorm(config.Width, device: device);
            wide = Linear(config.Width, 2 * hidden, device: device);
            inside = new SeededDropout(config.HiddenDropout);
            narrow = Linear(hidden, config.Width, device: device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var normed = norm_attention?.call(input) ?? input;
            var (asking, x) = isLast ? (normed.narrow(1, 0, 1), input.narrow(1, 0, 1)) : (normed, input);      // [N, 1 or tokens, width]
            var keysValues = key_value.call(normed).chunk(2, 2);
            var found = Attention.Attend(Attention.Split(query.call(asking), heads), Attention.Split(keysValues[0], heads), Attention.Split(keysValues[1], heads), dropout: training ? attentionDropout : 0);
            x = x + project.call(Attention.Merge(found));
            var gates = wide.call(norm_hidden.call(x)).chunk(2, 2);                                             // ReGLU (Shazeer 2020)
            return (x + narrow.call(inside.call(gates[0] * gates[1].relu()))).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var normed = norm_attention is null ? input.Values : graph.Call(norm_attention, input);
            var (asking, x) = isLast ? (normed.Slice(1, 0, 1), input.Values.Slice(1, 0, 1)) : (normed, input.Values);   // [N, 1 or tokens, width]
            var keysValues = graph.Call(key_value, normed).Chunk(2, 2);
            x += graph.Call(project, GraphSight.Everything.Attend(graph.Call(query, asking), keysValues[0], keysValues[1], heads, query.out_features));
            var gates = graph.Call(wide, graph.Call(norm_hidden, x)).Chunk(2, 2);
            return x + graph.Call(narrow, gates[0] * gates[1].Relu());
        }
    }
}
