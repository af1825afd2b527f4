using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Residual networks for photos (He et al. 2016, "Deep residual learning for image recognition"), with torchvision's names and shapes:
/// <c>conv1</c>, <c>bn1</c>, <c>layer1.0.conv1</c>, … , <c>fc</c>. Weights of torchvision's resnet18 … resnet152 fit.
/// </summary>
[ConfigName("resnet")]
public sealed record ResNet : ModelConfig
{
    /// <summary>Gets the number of layers with weights.</summary>
    /// <value>18, 34, 50, 101 or 152. The default is 18.</value>
    [AllowedValues(18, 34, 50, 101, 152, ErrorMessage = "{0} must be 18, 34, 50, 101 or 152.")]
    public int Depth { get; init; } = 18;

    /// <summary>Gets whether each block starts as its shortcut alone: the scale of its last batch norm is 0 (Goyal et al. 2017).</summary>
    /// <value>The default is false, as in torchvision.</value>
    public bool ZeroInitResidual { get; init; }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<IReadOnlyList<string>> LayersFromInput => [["conv1", "bn1"], ["layer1"], ["layer2"], ["layer3"], ["layer4"]];

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "fc";

    /// <inheritdoc/>
    protected internal override string? FeatureMap => "layer4";

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var image = ImageInput.Require(input, $"ResNet-{Depth}", 32);
        int[] blocks = Depth switch { 18 => [2, 2, 2, 2], 34 or 50 => [3, 4, 6, 3], 101 => [3, 4, 23, 3], _ => [3, 8, 36, 3] };
        List<(string, Module<Tensor, Tensor>)> layers =
        [
            ("conv1", Stem(image.Channels, device)), ("bn1", BatchNorm2d(64, device: device)), ("relu", ReLU(inplace: true)), ("maxpool", MaxPool2d(3, stride: 2, padding: 1)),
        ];
        long channels = 64;
        for (var stage = 0; stage < 4; stage++)
            layers.Add(($"layer{stage + 1}", Stage(ref channels, 64L << stage, blocks[stage], stage == 0 ? 1 : 2, device)));
        layers.AddRange([("avgpool", AdaptiveAvgPool2d(1)), ("flatten", Flatten()), ("fc", Linear(channels, outputs, device: device))]);
        var network = Sequential(layers);
        if (ZeroInitResidual)
            foreach (var (name, parameter) in network.named_parameters())
                if (name.EndsWith(Depth < 50 ? ".bn2.weight" : ".bn3.weight", StringComparison.Ordinal))
                    init.zeros_(parameter);
        return network;
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { Depth = 18 }, new ImageShape(32, 32, 3), 3);

    private static Module<Tensor, Tensor> Stem(int channels, Device? device)
    {
        var conv = Conv2d(channels, 64, 7, stride: 2, padding: 3, bias: false, device: device);
        init.kaiming_normal_(conv.weight!, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        return conv;
    }

    private Module<Tensor, Tensor> Stage(ref long channels, long width, int blocks, int stride, Device? device)
    {
        var stage = new List<Module<Tensor, Tensor>>();
        for (var i = 0; i < blocks; i++)
        {
            var step = i == 0 ? stride : 1;
            var to = Depth < 50 ? width : Bottleneck.Expansion * width;
            var shortcut = step == 1 && channels == to ? null : ConvLayers.ConvNorm(channels, to, 1, step, device: device);
            stage.Add(Depth < 50 ? new BasicBlock(channels, width, step, shortcut, device) : new Bottleneck(channels, width, step, shortcut, device));
            channels = to;
        }
        return ConvLayers.Numbered(stage);
    }
}
