using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// The residual networks of three stages for pictures of about 32 × 32 (He et al. 2016, section 4.2): ResNet-20 has 0.27 million parameters.
/// Shortcuts have no weights. Parameters are named <c>conv1</c>, <c>bn1</c>, <c>layer1.0.conv1</c>, … , <c>linear</c>, as in the widely used weights by Y. Idelbayev.
/// </summary>
[ConfigName("cifar-resnet")]
public sealed record CifarResNet : ModelConfig
{
    /// <summary>Gets the number of layers with weights: 6 n + 2 for n blocks in a stage.</summary>
    /// <value>20, 32, 44, 56 or 110. The default is 20.</value>
    [AllowedValues(20, 32, 44, 56, 110, ErrorMessage = "{0} must be 20, 32, 44, 56 or 110.")]
    public int Depth { get; init; } = 20;

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "linear";

    /// <inheritdoc/>
    protected internal override string? FeatureMap => "layer3";

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var image = ImageInput.Require(input, $"CifarResNet-{Depth}", 8);
        List<(string, Module<Tensor, Tensor>)> layers = [("conv1", ConvLayers.Conv(image.Channels, 16, device: device)), ("bn1", BatchNorm2d(16, device: device)), ("relu", ReLU(inplace: true))];
        long channels = 16;
        for (var stage = 0; stage < 3; stage++)
        {
            var width = 16L << stage;
            var blocks = new List<Module<Tensor, Tensor>>();
            for (var i = 0; i < (Depth - 2) / 6; i++)
            {
                blocks.Add(new BasicBlock(channels, width, channels == width ? 1 : 2, channels == width ? null : new PaddedShortcut(2, width - channels), device));
                channels = width;
            }
            layers.Add(($"layer{stage + 1}", ConvLayers.Numbered(blocks)));
        }
        layers.AddRange([("avgpool", AdaptiveAvgPool2d(1)), ("flatten", Flatten()), ("linear", Linear(channels, outputs, device: device))]);
        return Sequential(layers);
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { Depth = 20 }, new ImageShape(8, 8, 3), 3);
}
