using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// A small convolutional network over the steps of a sequence, for sound and readings: each stage widens, looks again through a residual block of two convolutions, and halves the steps by max pooling;
/// then the mean and the largest value over all steps, dropout and one fully connected layer. All convolutions have batch norm and ReLU behind them. Padding never changes a score, nor what is learnt:
/// it is zero before each convolution, and neither norms nor the last pooling see it. With the default widths and steps of 40 numbers it has 0.4 million parameters.
/// Parameters are named <c>stages.0.widen.conv.weight</c>, … , <c>fc.weight</c>.
/// </summary>
[ConfigName("sequence-conv-net")]
public sealed record SequenceConvNet : ModelConfig, IValidatableObject
{
    /// <summary>Gets the channels of each stage. A stage halves the steps; a sequence that has become one step stays so.</summary>
    /// <value>Each between 1 and 4,096, at most 8 stages. The default is 64, 96, 128.</value>
    [Required, MinLength(1), MaxLength(8), Widths]
    public IReadOnlyList<int> Widths { get; init; } = [64, 96, 128];

    /// <summary>Gets how many steps a convolution looks at, an odd number.</summary>
    /// <value>In [1, 63]. The default is 3.</value>
    [Range(1, 63)]
    public int KernelSize { get; init; } = 3;

    /// <summary>Gets the probability of zeroing one of the last features while training.</summary>
    /// <value>In [0, 1). The default is 0.3.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.3;

    /// <summary>Gets the numbers that stand for a category, of columns of categories. Category 0, a key's missing value, is a vector of zeros.</summary>
    /// <value>In [1, 8192]. The default is 64.</value>
    [Range(1, 8192)]
    public int EmbeddingSize { get; init; } = 64;

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "fc";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Examples are no sequence of steps.</exception>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null) =>
        new Network(this, new StepInput(input, nameof(SequenceConvNet), EmbeddingSize, device), outputs, device);

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { Widths = [8, 12], Dropout = 0 }, new SequenceShape(6), 3);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (KernelSize % 2 == 0)
            yield return new ValidationResult($"KernelSize must be odd, so that a convolution keeps the number of steps, but is {KernelSize}.");
    }

    /// <summary>Compares the settings, the widths one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both build the same network.</returns>
    public bool Equals(SequenceConvNet? other) => other is not null && Widths.SequenceEqual(other.Widths) && (KernelSize, Dropout, EmbeddingSize) == (other.KernelSize, other.Dropout, other.EmbeddingSize);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Widths.Count, KernelSize, Dropout, EmbeddingSize);

    private sealed class Network : Module<ModelInput, Tensor>, IOnnxExportable
    {
        private readonly StepInput input;
        private readonly ModuleList<Stage> stages = [];
        private readonly Module<Tensor, Tensor> dropout;
        private readonly Linear fc;

        public Network(SequenceConvNet config, StepInput input, int outputs, Device? device) : base(nameof(SequenceConvNet))
        {
            this.input = input;
            var channels = input.Width;
            foreach (var next in config.Widths)
            {
                stages.Add(new Stage(channels, next, config.KernelSize, device));
                channels = next;
            }
            (dropout, fc) = (new SeededDropout(config.Dropout), Linear(2 * channels, outputs, device: device));
            RegisterComponents();
        }

        public override Tensor forward(ModelInput batch)
        {
            using var scope = NewDisposeScope();
            var steps = input.call(batch);
            var x = steps.Values.transpose(1, 2);                                               // [N, width, steps]
            var lengths = steps.Lengths;
            var mask = StepMask.Of(lengths, x.shape[2]);
            if (mask is not null)
                x = where(mask.Flags, x, 0f);                                                   // even what is no number
            foreach (var stage in stages)
            {
                x = stage.call(x, mask);
                x = functional.max_pool1d(x, 2, ceil_mode: true);                               // padding is 0, and nothing is less behind ReLU
                lengths = lengths is null ? null : lengths.add(1).div(2, RoundingMode.floor);
                mask = StepMask.Of(lengths, x.shape[2]);
            }
            var mean = lengths is null ? x.mean([2]) : x.sum(2) / lengths.unsqueeze(1);         // [N, channels]
            return fc.call(dropout.call(cat([mean, x.amax([2])], 1))).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput batch)
        {
            var x = graph.Call(input, batch).Permute(0, 2, 1);                                  // [N, width, steps]
            var lengths = batch.Columns[0].Lengths;
            var mask = Mask();
            if (mask is not null)
                x = x.Where(mask, 0);
            foreach (var stage in stages)
            {
                x = graph.Call(stage, StepMask.InGraph(x, mask));
                x = graph.Node("MaxPool", [x], ("kernel_shape", (long[])[2]), ("strides", (long[])[2]), ("ceil_mode", 1));
                lengths = lengths is null ? null : (lengths + graph.Scalar(1)) / graph.Scalar(2);
                mask = Mask();
            }
            var mean = lengths is null ? x.Mean(2) : x.Sum(2) / lengths.Unsqueeze(1).ToFloat(); // [N, channels]
            return graph.Call(fc, GraphValue.Cat([mean, x.Amax(2)], 1));

            GraphValue? Mask() => new GraphColumn("", x, lengths).Mask(dim: 2)?.Unsqueeze(1);   // [N, 1, steps]
        }
    }

    private sealed class Stage : Module<Tensor, StepMask?, Tensor>, IOnnxExportable
    {
        private readonly MaskedConv widen, first, second;

        public Stage(long from, long to, int kernelSize, Device? device) : base(nameof(Stage))
        {
            widen = new MaskedConv(from, to, kernelSize, device);
            first = new MaskedConv(to, to, kernelSize, device);
            second = new MaskedConv(to, to, kernelSize, device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, StepMask? mask)
        {
            x = widen.call(x, mask).relu_();
            return (second.call(first.call(x, mask).relu_(), mask) + x).relu_();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var mask = input.Columns.Count == 1 ? null : input.Columns[1].Values;
            var x = graph.Call(widen, input).Relu();
            var seen = graph.Call(first, StepMask.InGraph(x, mask)).Relu();
            return (graph.Call(second, StepMask.InGraph(seen, mask)) + x).Relu();
        }
    }
}
