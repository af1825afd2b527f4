using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Long short-term memory (Hochreiter and Schmidhuber 1997), PyTorch's <c>nn.LSTM</c>: <c>lstm.weight_ih_l0</c>, <c>lstm.weight_hh_l0</c>, <c>lstm.bias_ih_l0</c>, <c>lstm.bias_hh_l0</c>,
/// … , <c>_reverse</c>, and its gates in PyTorch's order: input, forget, cell, output.
/// </summary>
[ConfigName("lstm")]
public sealed record Lstm : RecurrentModel
{
    private protected override (string Name, int Gates) Kind => ("lstm", 4);

    // input, output, forget, cell
    private protected override OnnxRecurrent Cell => new("LSTM", [0, 3, 1, 2]);

    private protected override RecurrentLayers NewLayers(long width, double dropout, Device? device)
    {
        var lstm = LSTM(width, HiddenSize, Layers, batchFirst: true, dropout: dropout, bidirectional: Bidirectional, device: device);
        return new(lstm, steps => lstm.call(steps).Item1, packed => lstm.call(packed).Item1);
    }
}
