using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Gated recurrent units (Cho et al. 2014), PyTorch's <c>nn.GRU</c>: <c>gru.weight_ih_l0</c>, … , and its gates in PyTorch's order: reset, update, new.
/// A quarter fewer weights than <see cref="Lstm"/>.
/// </summary>
[ConfigName("gru")]
public sealed record Gru : RecurrentModel
{
    private protected override (string Name, int Gates) Kind => ("gru", 3);

    // update, reset, new; PyTorch resets what the matrix has made of the state, not the state
    private protected override OnnxRecurrent Cell => new("GRU", [1, 0, 2], ("linear_before_reset", 1));

    private protected override RecurrentLayers NewLayers(long width, double dropout, Device? device)
    {
        var gru = GRU(width, HiddenSize, Layers, batchFirst: true, dropout: dropout, bidirectional: Bidirectional, device: device);
        return new(gru, steps => gru.call(steps).Item1, packed => gru.call(packed).Item1);
    }
}
