using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// The VGG networks (Simonyan and Zisserman 2014, "Very deep convolutional networks for large-scale image recognition"), with torchvision's names and shapes:
/// <c>features.0</c>, … , <c>classifier.0</c>, <c>classifier.3</c>, <c>classifier.6</c>. Large: 130 million parameters, most of them in the classifier.
/// </summary>
[ConfigName("vgg")]
public sealed record Vgg : ModelConfig
{
    /// <summary>Gets the number of layers with weights.</summary>
    /// <value>11, 13, 16 or 19. The default is 16.</value>
    [AllowedValues(11, 13, 16, 19, ErrorMessage = "{0} must be 11, 13, 16 or 19.")]
    public int Depth { get; init; } = 16;

    /// <summary>Gets whether each convolution is followed by batch norm, which trains faster.</summary>
    /// <value>The default is true: torchvision's vgg16_bn; false is its vgg16.</value>
    public bool BatchNorm { get; init; } = true;

    /// <summary>Gets the probability of zeroing an activation of the classifier while training.</summary>
    /// <value>In [0, 1). The default is 0.5.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.5;

    /// <summary>Gets the width of the classifier's two hidden layers.</summary>
    /// <value>At least 1. The default is 4,096, as published.</value>
    [Range(1, 65_536)]
    public int ClassifierWidth { get; init; } = 4096;

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "classifier.6";

    /// <inheritdoc/>
    protected internal override string? FeatureMap => "features";

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var image = ImageInput.Require(input, $"VGG-{Depth}", 32);
        int[] convolutions = Depth switch { 11 => [1, 1, 2, 2, 2], 13 => [2, 2, 2, 2, 2], 16 => [2, 2, 3, 3, 3], _ => [2, 2, 4, 4, 4] };
        var features = new List<Module<Tensor, Tensor>>();
        long channels = image.Channels;
        for (var stage = 0; stage < 5; stage++)
        {
            var width = Math.Min(64L << stage, 512);
            for (var i = 0; i < convolutions[stage]; i++)
            {
                features.Add(ConvLayers.Conv(channels, width, bias: true, device: device));
                if (BatchNorm)
                    features.Add(BatchNorm2d(width, device: device));
                features.Add(ReLU(inplace: true));
                channels = width;
            }
            features.Add(MaxPool2d(2));
        }
        return Sequential(("features", ConvLayers.Numbered(features)), ("avgpool", AdaptiveAvgPool2d(7)), ("flatten", Flatten()), ("classifier", ConvLayers.Numbered(
            ConvLayers.SmallLinear(7 * 7 * channels, ClassifierWidth, device), ReLU(inplace: true), new SeededDropout(Dropout),
            ConvLayers.SmallLinear(ClassifierWidth, ClassifierWidth, device), ReLU(inplace: true), new SeededDropout(Dropout),
            ConvLayers.SmallLinear(ClassifierWidth, outputs, device))));
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() =>
        (this with { Depth = 11, Dropout = 0, ClassifierWidth = 16 }, new ImageShape(32, 32, 3), 3);
}
