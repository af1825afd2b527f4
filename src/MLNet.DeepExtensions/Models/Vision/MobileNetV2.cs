using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// MobileNetV2 (Sandler et al. 2018, "Inverted residuals and linear bottlenecks"), with torchvision's names and shapes: <c>features.0.0</c>,
/// <c>features.1.conv.0.0</c>, … , <c>classifier.1</c>. 3.5 million parameters, little computing: a choice for edge devices.
/// </summary>
[ConfigName("mobilenet-v2")]
public sealed record MobileNetV2 : ModelConfig
{
    // expansion, channels, blocks, stride of the first (table 2)
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    /// <summary>Gets the factor of all widths, rounded to multiples of 8.</summary>
    /// <value>In [0.1, 2]. The default is 1.</value>
    [Range(0.1, 2.0)]
    public double WidthMultiplier { get; init; } = 1;

    /// <summary>Gets the probability of zeroing one of the last features while training.</summary>
    /// <value>In [0, 1). The default is 0.2.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.2;

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "classifier.1";

    /// <inheritdoc/>
    protected internal override string? FeatureMap => "features";

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var image = ImageInput.Require(input, nameof(MobileNetV2), 32);
        var channels = Width(32);
        List<Module<Tensor, Tensor>> features = [ConvLayers.ConvNorm(image.Channels, channels, 3, 2, activation: ReLU6(inplace: true), device: device)];
        foreach (var (expansion, width, blocks, stride) in stages)
            for (var i = 0; i < blocks; i++)
            {
                features.Add(new InvertedResidual(channels, Width(width), i == 0 ? stride : 1, expansion, device));
                channels = Width(width);
            }
        var last = RoundedWidth.Of(1280 * Math.Max(1, WidthMultiplier));
        features.Add(ConvLayers.ConvNorm(channels, last, 1, activation: ReLU6(inplace: true), device: device));
        return Sequential(("features", ConvLayers.Numbered(features)), ("avgpool", AdaptiveAvgPool2d(1)), ("flatten", Flatten()),
            ("classifier", ConvLayers.Numbered(new SeededDropout(Dropout), ConvLayers.SmallLinear(last, outputs, device))));
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { WidthMultiplier = 0.25, Dropout = 0 }, new ImageShape(32, 32, 3), 3);

    private int Width(int channels) => RoundedWidth.Of(channels * WidthMultiplier);

    private sealed class InvertedResidual : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Sequential conv;
        private readonly bool hasShortcut;

        public InvertedResidual(int from, int to, int stride, int expansion, Device? device) : base(nameof(InvertedResidual))
        {
            var hidden = from * expansion;
            List<Module<Tensor, Tensor>> layers = [];
            if (expansion != 1)
                layers.Add(ConvLayers.ConvNorm(from, hidden, 1, activation: ReLU6(inplace: true), device: device));
            layers.Add(ConvLayers.ConvNorm(hidden, hidden, 3, stride, groups: hidden, activation: ReLU6(inplace: true), device: device));
            layers.AddRange([ConvLayers.Conv(hidden, to, 1, device: device), BatchNorm2d(to, device: device)]);
            conv = ConvLayers.Numbered(layers);
            hasShortcut = stride == 1 && from == to;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => hasShortcut ? conv.call(input).add_(input) : conv.call(input);

        public GraphValue Export(OnnxGraph graph, GraphInput input) => hasShortcut ? graph.Call(conv, input) + input.Values : graph.Call(conv, input);
    }
}

/// <summary>Widths in multiples of 8 that are not more than a tenth below what was asked for (Howard et al. 2017).</summary>
internal static class RoundedWidth
{
    public static int Of(double width)
    {
        var rounded = Math.Max(8, (int)(width + 4) / 8 * 8);
        return rounded < 0.9 * width ? rounded + 8 : rounded;
    }
}
