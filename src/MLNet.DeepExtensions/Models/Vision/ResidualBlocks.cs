using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Two 3 × 3 convolutions beside a shortcut (He et al. 2016, figure 5 left), with torchvision's names.</summary>
internal sealed class BasicBlock : Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Module<Tensor, Tensor>? downsample;

    /// <param name="from">Channels of the input.</param>
    /// <param name="to">Channels of the output.</param>
    /// <param name="stride">By how much the picture becomes smaller.</param>
    /// <param name="shortcut">What brings the input to the output's shape; null where they are the same.</param>
    /// <param name="device">Where to create the weights.</param>
    public BasicBlock(long from, long to, long stride, Module<Tensor, Tensor>? shortcut, Device? device) : base(nameof(BasicBlock))
    {
        conv1 = ConvLayers.Conv(from, to, 3, stride, device: device);
        bn1 = BatchNorm2d(to, device: device);
        conv2 = ConvLayers.Conv(to, to, device: device);
        bn2 = BatchNorm2d(to, device: device);
        downsample = shortcut;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = bn1.call(conv1.call(input)).relu_();            // [N, to, H / stride, W / stride]
        x = bn2.call(conv2.call(x));
        return x.add_(downsample is null ? input : downsample.call(input)).relu_().MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var x = graph.Call(bn1, graph.Call(conv1, input)).Relu();
        x = graph.Call(bn2, graph.Call(conv2, x));
        return (x + (downsample is null ? input.Values : graph.Call(downsample, input))).Relu();
    }
}

/// <summary>1 × 1, 3 × 3 and 1 × 1 convolutions beside a shortcut (He et al. 2016, figure 5 right), the stride in the middle as in torchvision.</summary>
internal sealed class Bottleneck : Module<Tensor, Tensor>, IOnnxExportable
{
    public const int Expansion = 4;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Conv2d conv3;
    private readonly BatchNorm2d bn3;
    private readonly Module<Tensor, Tensor>? downsample;

    public Bottleneck(long from, long width, long stride, Module<Tensor, Tensor>? shortcut, Device? device) : base(nameof(Bottleneck))
    {
        conv1 = ConvLayers.Conv(from, width, 1, device: device);
        bn1 = BatchNorm2d(width, device: device);
        conv2 = ConvLayers.Conv(width, width, 3, stride, device: device);
        bn2 = BatchNorm2d(width, device: device);
        conv3 = ConvLayers.Conv(width, Expansion * width, 1, device: device);
        bn3 = BatchNorm2d(Expansion * width, device: device);
        downsample = shortcut;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = bn1.call(conv1.call(input)).relu_();            // [N, width, H, W]
        x = bn2.call(conv2.call(x)).relu_();                    // [N, width, H / stride, W / stride]
        x = bn3.call(conv3.call(x));                            // [N, 4 width, …]
        return x.add_(downsample is null ? input : downsample.call(input)).relu_().MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var x = graph.Call(bn1, graph.Call(conv1, input)).Relu();
        x = graph.Call(bn2, graph.Call(conv2, x)).Relu();
        x = graph.Call(bn3, graph.Call(conv3, x));
        return (x + (downsample is null ? input.Values : graph.Call(downsample, input))).Relu();
    }
}

/// <summary>A shortcut without weights (He et al. 2016, option A): every second row and column, and channels of zeros before and after.</summary>
internal sealed class PaddedShortcut(long stride, long addedChannels) : Module<Tensor, Tensor>(nameof(PaddedShortcut)), IOnnxExportable
{
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input[TensorIndex.Ellipsis, TensorIndex.Slice(step: stride), TensorIndex.Slice(step: stride)];
        return functional.pad(x, [0, 0, 0, 0, addedChannels / 2, addedChannels - addedChannels / 2]).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var x = graph.Node("Slice", [input.Values, graph.Constant(0, 0), graph.Constant(long.MaxValue, long.MaxValue), graph.Constant(2, 3), graph.Constant(stride, stride)]);
        return graph.Node("Pad", [x, graph.Constant(0, addedChannels / 2, 0, 0, 0, addedChannels - addedChannels / 2, 0, 0)]);
    }
}
