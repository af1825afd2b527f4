using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// EfficientNet-B0 (Tan and Le 2019), with torchvision's names and shapes: <c>features.0.0</c>, <c>features.1.0.block.0.0</c>, … , <c>classifier.1</c>.
/// 5.3 million parameters, for pictures of 224 × 224.
/// </summary>
[ConfigName("efficientnet")]
public sealed record EfficientNet : ModelConfig
{
    // expansion, size of the filter, stride of the first, channels, blocks (table 1)
    private static readonly (int Expansion, int Size, int Stride, int Channels, int Blocks)[] stages =
        [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)];

    /// <summary>Gets the factor of all widths, rounded to multiples of 8; B0 is 1.</summary>
    /// <value>In [0.1, 4]. The default is 1.</value>
    [Range(0.1, 4.0)]
    public double WidthMultiplier { get; init; } = 1;

    /// <summary>Gets the probability of zeroing one of the last features while training.</summary>
    /// <value>In [0, 1). The default is 0.2.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.2;

    /// <summary>Gets the probability of passing over the last block for a picture while training; earlier blocks have less of it, in proportion (Huang et al. 2016).</summary>
    /// <value>In [0, 1). The default is 0.2.</value>
    [Range(0.0, 0.999)]
    public double StochasticDepth { get; init; } = 0.2;

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "classifier.1";

    /// <inheritdoc/>
    protected internal override string? FeatureMap => "features";

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var image = ImageInput.Require(input, nameof(EfficientNet), 32);
        var channels = Width(32);
        List<Module<Tensor, Tensor>> features = [ConvLayers.ConvNorm(image.Channels, channels, 3, 2, activation: SiLU(inplace: true), device: device)];
        var (number, blocksInAll) = (0, stages.Sum(stage => stage.Blocks));
        foreach (var (expansion, size, stride, width, blocks) in stages)
        {
            var stage = new List<Module<Tensor, Tensor>>();
            for (var i = 0; i < blocks; i++)
            {
                stage.Add(new MobileBlock(channels, Width(width), expansion, size, i == 0 ? stride : 1, StochasticDepth * number++ / blocksInAll, device));
                channels = Width(width);
            }
            features.Add(ConvLayers.Numbered(stage));
        }
        features.Add(ConvLayers.ConvNorm(channels, 4 * channels, 1, activation: SiLU(inplace: true), device: device));
        var head = Linear(4 * channels, outputs, device: device);
        init.uniform_(head.weight!, -1 / Math.Sqrt(outputs), 1 / Math.Sqrt(outputs));
        init.zeros_(head.bias!);
        return Sequential(("features", ConvLayers.Numbered(features)), ("avgpool", AdaptiveAvgPool2d(1)), ("flatten", Flatten()), ("classifier", ConvLayers.Numbered(new SeededDropout(Dropout), head)));
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() =>
        (this with { WidthMultiplier = 0.25, Dropout = 0, StochasticDepth = 0 }, new ImageShape(32, 32, 3), 3);

    private int Width(int channels) => RoundedWidth.Of(channels * WidthMultiplier);

    /// <summary>Widen, look at each channel by itself, weigh the channels, narrow.</summary>
    private sealed class MobileBlock : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Sequential block;
        private readonly bool hasShortcut;
        private readonly double skipped;

        public MobileBlock(int from, int to, int expansion, int size, int stride, double skipped, Device? device) : base(nameof(MobileBlock))
        {
            var hidden = RoundedWidth.Of(from * expansion);
            List<Module<Tensor, Tensor>> layers = [];
            if (hidden != from)
                layers.Add(ConvLayers.ConvNorm(from, hidden, 1, activation: SiLU(inplace: true), device: device));
            layers.Add(ConvLayers.ConvNorm(hidden, hidden, size, stride, groups: hidden, activation: SiLU(inplace: true), device: device));
            layers.Add(new SqueezeExcitation(hidden, Math.Max(1, from / 4), device));
            layers.Add(ConvLayers.ConvNorm(hidden, to, 1, device: device));
            block = ConvLayers.Numbered(layers);
            (hasShortcut, this.skipped) = (stride == 1 && from == to, skipped);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            if (!hasShortcut)
                return block.call(input);
            using var scope = NewDisposeScope();
            var x = block.call(input);
            if (training && skipped > 0)
                x = x * empty([x.shape[0], 1, 1, 1], dtype: x.dtype, device: x.device).bernoulli_(1 - skipped).div_(1 - skipped);
            return (x + input).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input) => hasShortcut ? graph.Call(block, input) + input.Values : graph.Call(block, input);
    }

    /// <summary>Weighs the channels by what the whole picture shows (Hu et al. 2018).</summary>
    private sealed class SqueezeExcitation : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Conv2d fc1;
        private readonly Conv2d fc2;

        public SqueezeExcitation(int channels, int squeezed, Device? device) : base(nameof(SqueezeExcitation))
        {
            fc1 = ConvLayers.Conv(channels, squeezed, 1, bias: true, device: device);
            fc2 = ConvLayers.Conv(squeezed, channels, 1, bias: true, device: device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var weight = input.mean([2, 3], keepdim: true);     // [N, channels, 1, 1]
            weight = functional.silu(fc1.call(weight));
            return (input * fc2.call(weight).sigmoid()).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var weight = graph.Call(fc1, graph.Node("GlobalAveragePool", [input.Values]));
            weight = graph.Call(fc2, weight * weight.Sigmoid());
            return input.Values * weight.Sigmoid();
        }
    }
}
