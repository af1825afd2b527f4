using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// SqueezeNet (Iandola et al. 2016): 1.2 million parameters, made for small devices, with torchvision's names and shapes: <c>features.0</c>,
/// <c>features.3.squeeze</c>, … , <c>classifier.1</c>. The head is a convolution: it takes pictures of any size.
/// </summary>
[ConfigName("squeezenet")]
public sealed record SqueezeNet : ModelConfig
{
    /// <summary>Gets which of the two published forms it is.</summary>
    /// <value>"1.0" or "1.1", which needs 2.4 times less computing. The default is "1.1".</value>
    [AllowedValues("1.0", "1.1", ErrorMessage = "{0} must be \"1.0\" or \"1.1\".")]
    public string Version { get; init; } = "1.1";

    /// <summary>Gets the probability of zeroing an activation before the head while training.</summary>
    /// <value>In [0, 1). The default is 0.5.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.5;

    /// <summary>
    /// Gets whether the scores of a class below 0 are cut off before they are averaged over the picture, as published. A new head can then be born dead:
    /// set it to false where the head is trained anew, most of all with few classes.
    /// </summary>
    /// <value>The default is true, which the published weights need.</value>
    public bool HeadRelu { get; init; } = true;

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "classifier.1";

    /// <inheritdoc/>
    protected internal override string? FeatureMap => "features";

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var image = ImageInput.Require(input, nameof(SqueezeNet), 24);
        var isOld = Version == "1.0";
        var features = new List<Module<Tensor, Tensor>> { First(image.Channels, isOld, device), ReLU(inplace: true) };
        long channels = isOld ? 96 : 64;
        // squeeze widths; 0 is a pooling
        int[] fires = isOld ? [0, 16, 16, 32, 0, 32, 48, 48, 64, 0, 64] : [0, 16, 16, 0, 32, 32, 0, 48, 48, 64, 64];
        foreach (var squeeze in fires)
        {
            features.Add(squeeze == 0 ? MaxPool2d(3, stride: 2, ceil_mode: true) : new Fire(channels, squeeze, device));
            channels = squeeze == 0 ? channels : 8 * squeeze;
        }
        var head = Conv2d(channels, outputs, 1, device: device);
        init.normal_(head.weight!, 0, 0.01);
        init.zeros_(head.bias!);
        return Sequential(("features", ConvLayers.Numbered(features)), ("classifier", ConvLayers.Numbered(new SeededDropout(Dropout), head, HeadRelu ? ReLU(inplace: true) : Identity(), AdaptiveAvgPool2d(1))), ("flatten", Flatten()));
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { Dropout = 0, HeadRelu = false }, new ImageShape(32, 32, 3), 3);

    private static Conv2d First(int channels, bool isOld, Device? device) => Started(isOld ? Conv2d(channels, 96, 7, stride: 2, device: device) : Conv2d(channels, 64, 3, stride: 2, device: device));

    private static Conv2d Started(Conv2d conv)
    {
        init.kaiming_uniform_(conv.weight!);
        init.zeros_(conv.bias!);
        return conv;
    }

    /// <summary>A few 1 × 1 filters, then many of 1 × 1 and as many of 3 × 3 beside each other.</summary>
    private sealed class Fire : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Conv2d squeeze;
        private readonly Conv2d expand1x1;
        private readonly Conv2d expand3x3;

        public Fire(long from, long width, Device? device) : base(nameof(Fire))
        {
            squeeze = Started(Conv2d(from, width, 1, device: device));
            expand1x1 = Started(Conv2d(width, 4 * width, 1, device: device));
            expand3x3 = Started(Conv2d(width, 4 * width, 3, padding: 1, device: device));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = squeeze.call(input).relu_();                // [N, width, H, W]
            return cat([expand1x1.call(x), expand3x3.call(x)], 1).relu_().MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var x = graph.Call(squeeze, input).Relu();
            return GraphValue.Cat([graph.Call(expand1x1, x), graph.Call(expand3x3, x)], 1).Relu();
        }
    }
}
