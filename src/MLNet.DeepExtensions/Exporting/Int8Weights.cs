using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MLNet.DeepExtensions.Onnx;

namespace MLNet.DeepExtensions;

/// <summary>
/// The weights of matrix products, convolutions and embeddings in whole numbers of one byte, rounded an output at a time. What a matrix is multiplied with is rounded when a row is scored, a row at a time,
/// and not by <c>DynamicQuantizeLinear</c>, whose one factor for a whole batch would make a row's scores depend on the rows beside it. Both stand around 128, in unsigned bytes: products of unsigned with signed bytes
/// saturate on processors without VNNI, and would give other scores there.
/// </summary>
internal sealed class Int8Weights
{
    private const int Largest = 127, Zero = 128;

    private readonly OnnxGraph graph;
    private readonly Dictionary<string, TensorProto> weights;
    private readonly Dictionary<(string Value, long Width), (GraphValue Bytes, GraphValue Factor)> rounded = [];

    private Int8Weights(GraphProto from)
    {
        graph = new OnnxGraph(from.Name);
        weights = from.Initializer.Where(tensor => tensor.DataType == OnnxGraph.DataType.Float && tensor.RawData.Length / sizeof(float) >= SmallerWeights.FewestNumbers).ToDictionary(tensor => tensor.Name);
    }

    public static GraphProto Of(GraphProto from)
    {
        var rewriting = new Int8Weights(from);
        var to = rewriting.graph.Graph;
        to.Input.AddRange(from.Input);
        to.Output.AddRange(from.Output);
        foreach (var node in from.Node)
            if (rewriting.Rewrite(node) is { } value)
                to.Node.Add(new NodeProto { OpType = "Identity", Name = $"{node.Name}/output", Input = { value.Name }, Output = { node.Output[0] } });
            else
                to.Node.Add(node);
        var used = to.Node.SelectMany(node => node.Input).ToHashSet(StringComparer.Ordinal);
        to.Initializer.AddRange(from.Initializer.Where(tensor => used.Contains(tensor.Name)));
        return to;
    }

    private GraphValue? Rewrite(NodeProto node) => node.OpType switch
    {
        "MatMul" when Weight(node, 1) is { Dims.Count: 2 } weight => graph.Within(node.Name, () => MatMul(Value(node.Input[0]), weight)),
        "Conv" when Weight(node, 1) is { } weight => graph.Within(node.Name, () => Conv(node, weight)),
        "Gather" when Weight(node, 0) is { Dims.Count: 2 } weight && node.Attribute.All(attribute => attribute is { Name: "axis", I: 0 }) => graph.Within(node.Name, () => Gather(weight, Value(node.Input[1]))),
        _ => null,
    };

    private TensorProto? Weight(NodeProto node, int input) => weights.GetValueOrDefault(node.Input[input]);

    private GraphValue Value(string name) => new(graph, name);

    private GraphValue MatMul(GraphValue x, TensorProto weight)
    {
        var (columns, width) = (weight.Dims[0], weight.Dims[1]);
        var (bytes, factor) = Round(x.Reshape(-1, columns), (x.Name, columns), 2);
        var (rounded, factors) = Round(weight, outputDimension: 1);
        var product = graph.Node("MatMulInteger", [bytes, rounded, ZeroPoint, ZeroPoint]).ToFloat() * (factor * graph.Constant(factors, width));
        var shape = GraphValue.Cat([graph.Node("Shape", [x], ("end", -1)), graph.Constant(width)], 0);
        return graph.Node("Reshape", [product, shape]);
    }

    // ONNX Runtime folds it into one weight in float32 when it loads the graph: its ConvInteger takes three times as long as its Conv
    private GraphValue Conv(NodeProto node, TensorProto weight)
    {
        var (rounded, factors) = Round(weight, outputDimension: 0);
        var whole = (rounded.ToFloat() + -Zero) * graph.Constant(factors, [weight.Dims[0], .. Enumerable.Repeat(1L, weight.Dims.Count - 1)]);
        var convolved = graph.Node("Conv", [Value(node.Input[0]), whole, .. node.Input.Skip(2).Select(Value)]);
        graph.Graph.Node[^1].Attribute.AddRange(node.Attribute);
        return convolved;
    }

    private GraphValue Gather(TensorProto table, GraphValue indices)
    {
        var (rounded, factors) = Round(table, outputDimension: 0);
        return (graph.Node("Gather", [rounded, indices]).ToFloat() + -Zero) * graph.Node("Gather", [graph.Constant(factors, table.Dims[0]), indices]).Unsqueeze(-1);
    }

    private GraphValue ZeroPoint => graph.Initializer($"uint8 {Zero}", [], OnnxGraph.DataType.UInt8, [Zero]);

    /// <summary>Rounds values by the largest of each row: bytes around 128, and what one of them is worth, [rows, 1, …].</summary>
    private (GraphValue Bytes, GraphValue Factor) Round(GraphValue x, (string, long) key, int dimensions)
    {
        if (rounded.TryGetValue(key, out var known))
            return known;
        var largest = graph.Node("ReduceMax", [graph.Node("Abs", [x]), graph.Constant(Enumerable.Range(1, dimensions - 1).Select(i => (long)i).ToArray())], ("keepdims", 0));
        // a row of zeros stays one
        var factor = graph.Node("Max", [largest, graph.Constant(1e-30f)]) * (1f / Largest);
        var zeros = graph.Node("Expand", [ZeroPoint, graph.Node("Shape", [factor])]);
        var bytes = graph.Node("QuantizeLinear", [x, factor, zeros], ("axis", 0));
        return rounded[key] = (bytes, factor.Reshape([-1, .. Enumerable.Repeat(1L, dimensions - 1)]));
    }

    /// <summary>Rounds a weight by the largest of each output.</summary>
    private (GraphValue Bytes, float[] Factors) Round(TensorProto weight, int outputDimension)
    {
        var numbers = MemoryMarshal.Cast<byte, float>(weight.RawData.Span);
        var outputs = (int)weight.Dims[outputDimension];
        var (factors, bytes) = (new float[outputs], new byte[numbers.Length]);
        // the outputs are the first dimension, or the last one of two
        var inner = outputDimension == 0 ? numbers.Length / outputs : 1;
        for (var i = 0; i < numbers.Length; i++)
            factors[i / inner % outputs] = Math.Max(factors[i / inner % outputs], Math.Abs(numbers[i]));
        TensorPrimitives.Divide(factors, Largest, factors);
        for (var i = 0; i < numbers.Length; i++)
            bytes[i] = factors[i / inner % outputs] is > 0 and var factor ? (byte)(Math.Round(numbers[i] / factor) + Zero) : (byte)Zero;
        return (graph.Initializer($"{weight.Name}.bytes", weight.Dims, OnnxGraph.DataType.UInt8, bytes), factors);
    }
}
