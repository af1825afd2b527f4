using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// The temporal convolutional network (Bai et al. 2018, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence Modeling"): residual blocks of two causal convolutions
/// whose gaps double from block to block, so that a step sees itself and 2 (<see cref="KernelSize"/> - 1) (2^blocks - 1) steps before it. It takes what <see cref="Lstm"/> takes,
/// and all steps at once. Names are the authors': <c>network.0.conv1.weight_g</c>, <c>weight_v</c>, <c>bias</c>, <c>network.0.downsample.weight</c>, … ; then <c>fc</c>.
/// </summary>
[ConfigName("temporal-conv-net")]
public sealed record TemporalConvNet : ModelConfig
{
    /// <summary>Gets the channels of each block.</summary>
    /// <value>Each between 1 and 4,096, at most 16 blocks. The default is 64, 64, 64, 64: with the default kernel a step sees 60 before it.</value>
    [Required, MinLength(1), MaxLength(16), Widths]
    public IReadOnlyList<int> Widths { get; init; } = [64, 64, 64, 64];

    /// <summary>Gets the steps that a convolution looks at.</summary>
    /// <value>In [2, 64]. The default is 3.</value>
    [Range(2, 64)]
    public int KernelSize { get; init; } = 3;

    /// <summary>Gets whether a convolution's weights are learnt as direction and length (Salimans and Kingma 2016).</summary>
    /// <value>The default is true.</value>
    public bool WeightNorm { get; init; } = true;

    /// <summary>Gets the probability of zeroing an activation while training, behind each convolution and before the last fully connected layer.</summary>
    /// <value>In [0, 1). The default is 0.1.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Gets how the steps are made one answer.</summary>
    /// <value>The default is the last step, which sees those before it.</value>
    [EnumDataType(typeof(Pooling))]
    public Pooling Pooling { get; init; } = Pooling.Last;

    /// <summary>Gets the numbers that stand for a category, of columns of categories. Category 0, a key's missing value, is a vector of zeros.</summary>
    /// <value>In [1, 8192]. The default is 64.</value>
    [Range(1, 8192)]
    public int EmbeddingSize { get; init; } = 64;

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "fc";

    internal override TextTokenizer? TokenizerFor(string column) => new WordPiece();

    /// <inheritdoc/>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var read = new StepInput(input, nameof(TemporalConvNet), EmbeddingSize, device);
        var blocks = Widths.Select((width, i) => new Block(i == 0 ? read.Width : Widths[i - 1], width, KernelSize, 1L << i, WeightNorm, Dropout, device)).ToList();
        var network = Sequential([.. blocks.Select((block, i) => ($"{i}", (Module<Tensor, Tensor>)block))]);
        // a step sees those before it alone, so never padding
        return new SequenceNetwork(read, new StepLayers("network", network, Widths[^1], false, (steps, _) => Run(network, steps))
        {
            Export = (graph, column) => graph.Call(network, column.Values.Permute(0, 2, 1)).Permute(0, 2, 1),
        }, Pooling, Dropout, outputs, device);
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { Widths = [8, 16], KernelSize = 2, Dropout = 0 }, new SequenceShape(4), 3);

    /// <summary>Compares the settings, the widths one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both build the same network.</returns>
    public bool Equals(TemporalConvNet? other) => other is not null && Widths.SequenceEqual(other.Widths) &&
        (KernelSize, WeightNorm, Dropout, Pooling, EmbeddingSize) == (other.KernelSize, other.WeightNorm, other.Dropout, other.Pooling, other.EmbeddingSize);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Widths.Count, KernelSize, WeightNorm, Dropout, Pooling, EmbeddingSize);

    private static Tensor Run(Sequential network, Tensor steps)
    {
        using var scope = NewDisposeScope();
        return network.call(steps.transpose(1, 2).contiguous()).transpose(1, 2).MoveToOuterDisposeScope();      // [N, steps, numbers] → [N, channels, steps] → [N, steps, channels]
    }

    private sealed class Block : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly CausalConv conv1;
        private readonly CausalConv conv2;
        private readonly SeededDropout drop;
        private readonly Conv1d? downsample;

        public Block(long from, long to, int kernel, long gap, bool weightNorm, double dropout, Device? device) : base(nameof(Block))
        {
            conv1 = new CausalConv(from, to, kernel, gap, weightNorm, device);
            conv2 = new CausalConv(to, to, kernel, gap, weightNorm, device);
            drop = new SeededDropout(dropout);
            if (from != to)
                downsample = Conv1d(from, to, 1, device: device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = drop.call(conv1.call(input).relu());
            x = drop.call(conv2.call(x).relu());
            return (x + (downsample is null ? input : downsample.call(input))).relu().MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var x = graph.Call(conv1, input).Relu();
            x = graph.Call(conv2, x).Relu();
            return (x + (downsample is null ? input.Values : graph.Call(downsample, input))).Relu();
        }
    }

    /// <summary>A convolution that looks at a step and at those before it, some steps apart; before the first there are zeros.</summary>
    private sealed class CausalConv : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Parameter? weight;                  // [to, from, kernel]
        private readonly Parameter? weight_g;                // [to, 1, 1]
        private readonly Parameter? weight_v;                // [to, from, kernel]
        private readonly Parameter bias;
        private readonly long gap;

        public CausalConv(long from, long to, int kernel, long gap, bool weightNorm, Device? device) : base(nameof(CausalConv))
        {
            this.gap = gap;
            // PyTorch's initialisation of a convolution
            var drawn = init.kaiming_uniform_(empty(to, from, kernel, device: device), Math.Sqrt(5));
            var bound = 1 / Math.Sqrt(from * kernel);
            if (weightNorm)
                (weight_g, weight_v) = (Parameter(Length(drawn)), Parameter(drawn));
            else
                weight = Parameter(drawn);
            bias = Parameter(init.uniform_(empty(to, device: device), -bound, bound));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var kernel = weight ?? Normed(weight_v!);
            var padded = functional.pad(input, [(kernel.shape[2] - 1) * gap, 0L]);
            return functional.conv1d(padded, kernel, bias, dilation: gap).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var kernel = weight is null ? graph.Weight(weight_v!, ".normed", Normed) : graph.Weight(weight);
            var size = (weight ?? weight_v)!.shape[2];
            return graph.Node("Conv", [input.Values, kernel, graph.Weight(bias)], ("kernel_shape", (long[])[size]), ("dilations", (long[])[gap]), ("pads", (long[])[(size - 1) * gap, 0]));
        }

        private Tensor Normed(Tensor direction) => direction * (weight_g! / Length(direction));

        private static Tensor Length(Tensor kernels) => kernels.square().sum([1, 2], keepdim: true).sqrt();
    }
}
