using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using MLNet.DeepExtensions.Onnx;

namespace MLNet.DeepExtensions;

/// <summary>Weights in two bytes, made float32 again by a node of their own, which ONNX Runtime computes once, when it loads the graph.</summary>
internal static class HalfWeights
{
    public static void Apply(GraphProto graph)
    {
        var casts = new List<NodeProto>();
        foreach (var weight in graph.Initializer.Where(tensor => tensor.DataType == OnnxGraph.DataType.Float && tensor.RawData.Length / sizeof(float) >= SmallerWeights.FewestNumbers))
        {
            var halves = new Half[weight.RawData.Length / sizeof(float)];
            TensorPrimitives.ConvertToHalf(MemoryMarshal.Cast<byte, float>(weight.RawData.Span), halves);
            // infinity, where half precision ends
            if (Array.Exists(halves, number => !Half.IsFinite(number)))
                continue;
            var name = weight.Name;
            (weight.Name, weight.DataType, weight.RawData) = ($"{name}.half", OnnxGraph.DataType.Float16, ByteString.CopyFrom(MemoryMarshal.AsBytes<Half>(halves)));
            casts.Add(new NodeProto
            {
                OpType = "Cast", Name = $"{name}.float", Input = { weight.Name }, Output = { name },
                Attribute = { new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = OnnxGraph.DataType.Float } },
            });
        }
        var nodes = graph.Node.ToList();
        graph.Node.Clear();
        graph.Node.AddRange(casts.Concat(nodes));
    }
}
