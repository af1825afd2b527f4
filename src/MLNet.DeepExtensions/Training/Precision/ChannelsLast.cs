using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// The order of memory in which the channels of a pixel lie beside each other. Shapes stay [N, channels, height, width]; only strides change. Convolutions like it,
/// most of all in half precision.
/// </summary>
internal static class ChannelsLast
{
    /// <summary>Whether a network has convolutions over pictures.</summary>
    public static bool Suits(Module module) => module.named_parameters().Any(parameter => parameter.parameter.dim() == 4);

    /// <summary>Reorders the filters in place, so that what they give is in this order, whatever they get.</summary>
    public static void Apply(Module module)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (_, parameter) in module.named_parameters())
            if (parameter.dim() == 4)
                parameter.set_(Of(parameter));
    }

    /// <summary>Puts the filters back, so that the network is as it would be without.</summary>
    public static void Undo(Module module)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (_, parameter) in module.named_parameters())
            if (parameter.dim() == 4)
                parameter.set_(parameter.contiguous());
    }

    public static Tensor Of(Tensor pictures) => pictures.detach().permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}
