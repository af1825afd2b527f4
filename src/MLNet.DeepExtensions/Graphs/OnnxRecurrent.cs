using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>How layers of recurrent cells are written: PyTorch's parameters of all layers and directions, in ONNX's order of gates.</summary>
/// <param name="Operation">ONNX's operator.</param>
/// <param name="Gates">For each of ONNX's gates, which of PyTorch's it is.</param>
/// <param name="Attributes">What else the operator is told.</param>
internal sealed record OnnxRecurrent(string Operation, int[] Gates, params IReadOnlyList<(string Name, object Value)> Attributes)
{
    /// <param name="graph">The graph.</param>
    /// <param name="module">PyTorch's layers.</param>
    /// <param name="input">[N, steps, numbers] and lengths, null where all rows have one.</param>
    /// <param name="layers">How many.</param>
    /// <param name="hiddenSize">The width of the state.</param>
    /// <param name="isBidirectional">Whether a second set of layers reads from the end of each row.</param>
    /// <returns>[N, steps, width]; zeros at padding.</returns>
    public GraphValue Export(OnnxGraph graph, nn.Module module, GraphColumn input, int layers, int hiddenSize, bool isBidirectional)
    {
        string[] directions = isBidirectional ? ["", "_reverse"] : [""];
        var lengths = input.Lengths is null ? null : graph.Node("Cast", [input.Lengths], ("to", OnnxGraph.DataType.Int32));
        var x = input.Values.Permute(1, 0, 2);                                              // [steps, N, numbers]
        for (var layer = 0; layer < layers; layer++)
        {
            var of = $"_l{layer}";
            var bias = graph.Weight(Parameter($"bias_ih{of}"), ".onnx", _ => Each(direction => cat([Ordered($"bias_ih{of}{direction}"), Ordered($"bias_hh{of}{direction}")])));
            var outputs = graph.Node(Operation, [x, Matrices("weight_ih"), Matrices("weight_hh"), bias, lengths],
                [("hidden_size", hiddenSize), ("direction", isBidirectional ? "bidirectional" : "forward"), .. Attributes]);
            x = outputs.Permute(0, 2, 1, 3).Reshape(0, 0, -1);                              // [steps, directions, N, state] → [steps, N, directions × state]

            GraphValue Matrices(string name) => graph.Weight(Parameter(name + of), ".onnx", _ => Each(direction => Ordered(name + of + direction)));
        }
        return x.Permute(1, 0, 2);

        Tensor Parameter(string name) => module.get_parameter(name)!;

        Tensor Each(Func<string, Tensor> ofDirection) => stack(directions.Select(ofDirection), 0);

        Tensor Ordered(string name)
        {
            var gates = Parameter(name).chunk(Gates.Length, 0);
            return cat([.. Gates.Select(gate => gates[gate])], 0);
        }
    }
}
