using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// The simple recurrent network (Elman 1990), PyTorch's <c>nn.RNN</c>: <c>rnn.weight_ih_l0</c>, … It forgets within a few tens of steps; <see cref="Lstm"/> and <see cref="Gru"/> remember longer.
/// </summary>
[ConfigName("rnn")]
public sealed record Rnn : RecurrentModel
{
    /// <summary>Gets the function behind each step.</summary>
    /// <value>Tanh or ReLU. The default is tanh.</value>
    [AllowedValues(Activation.Tanh, Activation.Relu, ErrorMessage = "Activation of Rnn must be Tanh or Relu.")]
    public Activation Activation { get; init; } = Activation.Tanh;

    private protected override (string Name, int Gates) Kind => ("rnn", 1);

    private protected override OnnxRecurrent Cell => new("RNN", [0], ("activations", Enumerable.Repeat(Activation == Activation.Relu ? "Relu" : "Tanh", Bidirectional ? 2 : 1)));

    private protected override RecurrentLayers NewLayers(long width, double dropout, Device? device)
    {
        var rnn = RNN(width, HiddenSize, Layers, Activation == Activation.Relu ? NonLinearities.ReLU : NonLinearities.Tanh,
            batchFirst: true, dropout: dropout, bidirectional: Bidirectional, device: device);
        return new(rnn, steps => rnn.call(steps).Item1, packed => rnn.call(packed).Item1);
    }
}
