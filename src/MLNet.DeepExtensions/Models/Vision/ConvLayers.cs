using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>The pieces that convolutional networks are built of, initialised as torchvision's are.</summary>
internal static class ConvLayers
{
    /// <summary>A convolution of odd size that keeps the picture's size but for its stride, without bias: batch norm follows it. He et al.'s initialisation over the outputs.</summary>
    public static Conv2d Conv(long from, long to, long size = 3, long stride = 1, long groups = 1, bool bias = false, Device? device = null)
    {
        var conv = Conv2d(from, to, size, stride: stride, padding: size / 2, groups: groups, bias: bias, device: device);
        init.kaiming_normal_(conv.weight!, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        if (bias)
            init.zeros_(conv.bias!);
        return conv;
    }

    /// <summary>Convolution, batch norm and activation, named 0, 1 and 2, as torchvision's Conv2dNormActivation.</summary>
    public static Sequential ConvNorm(long from, long to, long size = 3, long stride = 1, long groups = 1, Module<Tensor, Tensor>? activation = null, Device? device = null)
    {
        List<(string, Module<Tensor, Tensor>)> layers = [("0", Conv(from, to, size, stride, groups, device: device)), ("1", BatchNorm2d(to, device: device))];
        if (activation is not null)
            layers.Add(("2", activation));
        return Sequential(layers);
    }

    /// <summary>A fully connected layer with small random weights and no bias to start with.</summary>
    public static Linear SmallLinear(long from, long to, Device? device)
    {
        var linear = Linear(from, to, device: device);
        init.normal_(linear.weight!, 0, 0.01);
        init.zeros_(linear.bias!);
        return linear;
    }

    /// <summary>Layers under their numbers, as PyTorch names those of a Sequential.</summary>
    public static Sequential Numbered(params IEnumerable<Module<Tensor, Tensor>> layers) => Sequential([.. layers.Select((layer, i) => ($"{i}", layer))]);
}
