using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// A network for tables: numbers (scaled by the training rows, embedded), marks where they are missing, and embedded keys (Guo and Berkhahn 2016) feed residual blocks
/// (the ResNet of Gorishniy et al. 2021, "Revisiting deep learning models for tabular data", with layer norm in place of batch norm, so that the last batch may have one row).
/// Takes numbers, yes or no, vectors, and keys, one column or many.
/// </summary>
[ConfigName("tabular-net")]
public sealed record TabularNet : ModelConfig
{
    /// <summary>Gets the width of the blocks.</summary>
    /// <value>In [1, 8192]. The default is 192.</value>
    [Range(1, 8192)]
    public int Width { get; init; } = 192;

    /// <summary>Gets the number of residual blocks.</summary>
    /// <value>In [0, 64]. The default is 2.</value>
    [Range(0, 64)]
    public int Blocks { get; init; } = 2;

    /// <summary>Gets the width inside a block, as a multiple of <see cref="Width"/>.</summary>
    /// <value>In [0.1, 16]. The default is 2.</value>
    [Range(0.1, 16.0)]
    public double HiddenFactor { get; init; } = 2;

    /// <summary>Gets the probability of zeroing an activation inside a block while training.</summary>
    /// <value>In [0, 1). The default is 0.2.</value>
    [Range(0.0, 0.999)]
    public double HiddenDropout { get; init; } = 0.2;

    /// <summary>Gets the probability of zeroing what a block adds while training.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double ResidualDropout { get; init; }

    /// <summary>Gets how numbers are embedded.</summary>
    /// <value>The default is piecewise-linear with 48 bins; null takes each number as one value.</value>
    public NumericEmbedding? Embedding { get; init; } = new PiecewiseLinear();

    /// <summary>Gets the width of an embedded number.</summary>
    /// <value>In [1, 1024]. The default is 16.</value>
    [Range(1, 1024)]
    public int EmbeddingWidth { get; init; } = 16;

    /// <summary>Gets the width of an embedded key.</summary>
    /// <value>In [1, 4096]. The default, null, goes by its number of values: 1.6 · values^0.56, at most 50.</value>
    [Range(1, 4096)]
    public int? KeyWidth { get; init; }

    /// <summary>Gets what was learnt of the training rows' numbers.</summary>
    /// <value>The default, null, is filled by <c>Fit</c>. A network that is built without takes numbers as they are, and bins from -3 to 3.</value>
    public FittedNumbers? Numbers { get; init; }

    /// <inheritdoc/>
    protected internal override bool TakesMissing => true;

    internal override bool LearnsFromRows => Numbers is null;

    internal override ModelConfig Fit(RowStatistics rows) => this with { Numbers = FittedNumbers.Of(rows, Embedding) };

    /// <inheritdoc/>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null) => new Network(this, new TableColumns(input, nameof(TabularNet)), outputs, device);

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { Width = 16, EmbeddingWidth = 4, Embedding = new PiecewiseLinear { Bins = 4 }, HiddenDropout = 0 },
        new ColumnsShape([new("Sizes", new VectorShape(3)), new("Colour", new IdsShape(5, 1)), new("Words", new IdsShape(9)), new("Age", new VectorShape(1))]), 3);

    private sealed class Network : Module<ModelInput, Tensor>, IOnnxExportable
    {
        private readonly TableEncoder encoder;
        private readonly Linear first;
        private readonly Sequential blocks;
        private readonly LayerNorm norm;
        private readonly Linear head;

        public Network(TabularNet config, TableColumns columns, int outputs, Device? device) : base(nameof(TabularNet))
        {
            encoder = new TableEncoder(columns, config.Numbers, config.Embedding, config.EmbeddingWidth, config.KeyWidth, device);
            first = Linear(encoder.Width, config.Width, device: device);
            blocks = Sequential([.. Enumerable.Range(1, config.Blocks).Select(i => ($"block{i}", (Module<Tensor, Tensor>)new Block(config, device)))]);
            norm = LayerNorm(config.Width, device: device);
            head = Linear(config.Width, outputs, device: device);
            RegisterComponents();
        }

        public override Tensor forward(ModelInput input)
        {
            using var scope = NewDisposeScope();
            var x = first.call(encoder.call(input));                                                            // [N, width]
            if (blocks.Count > 0)
                x = blocks.call(x);
            return head.call(norm.call(x).relu()).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var x = graph.Call(blocks, graph.Call(first, graph.Call(encoder, input)));                          // [N, width]
            return graph.Call(head, graph.Call(norm, x).Relu());
        }
    }

    private sealed class Block : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly LayerNorm norm;
        private readonly Linear wide;
        private readonly SeededDropout inside;
        private readonly Linear narrow;
        private readonly SeededDropout added;

        public Block(TabularNet config, Device? device) : base(nameof(Block))
        {
            var hidden = Math.Max(1, (int)(config.Width * config.HiddenFactor));
            norm = LayerNorm(config.Width, device: device);
            wide = Linear(config.Width, hidden, device: device);
            inside = new SeededDropout(config.HiddenDropout);
            narrow = Linear(hidden, config.Width, device: device);
            added = new SeededDropout(config.ResidualDropout);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var change = narrow.call(inside.call(wide.call(norm.call(input)).relu_()));
            return (input + added.call(change)).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input) => input.Values + graph.Call(narrow, graph.Call(wide, graph.Call(norm, input)).Relu());
    }
}
