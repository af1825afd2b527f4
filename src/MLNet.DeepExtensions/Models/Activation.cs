using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>The function behind a hidden layer, with PyTorch's defaults.</summary>
public enum Activation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>x, or 0.01 x below 0.</summary>
    LeakyRelu,

    /// <summary>x, or eˣ - 1 below 0.</summary>
    Elu,

    /// <summary>x Φ(x), with the normal distribution's Φ (Hendrycks and Gimpel 2016).</summary>
    Gelu,

    /// <summary>x σ(x), also called swish.</summary>
    Silu,

    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>Nearly <see cref="Gelu"/>: x / 2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), Hugging Face's <c>gelu_new</c>.</summary>
    GeluTanh,
}

internal static class Activations
{
    public static Module<Tensor, Tensor> Build(this Activation activation) => activation switch
    {
        Activation.Relu => ReLU(),
        Activation.LeakyRelu => LeakyReLU(0.01),
        Activation.Elu => ELU(),
        Activation.Gelu => GELU(),
        Activation.Silu => SiLU(),
        Activation.Tanh => Tanh(),
        Activation.Sigmoid => Sigmoid(),
        Activation.GeluTanh => GELU(TorchSharp.Modules.GELU.Approximate.tanh),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, $"Use one of {string.Join(", ", Enum.GetNames<Activation>())}."),
    };
}
