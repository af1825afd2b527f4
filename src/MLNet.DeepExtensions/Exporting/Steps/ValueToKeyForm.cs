using Google.Protobuf;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNet.DeepExtensions.Interop;
using MLNet.DeepExtensions.Onnx;

namespace MLNet.DeepExtensions;

/// <summary>ML.NET's MapValueToKey for text, numbers, and yes or no: what was not seen, and empty text, becomes 0, the missing key.</summary>
internal static class ValueToKeyForm
{
    public static StepForm? Of(StepOutput step)
    {
        var source = step.Source;
        var item = OnnxTypes.ItemOf(source.Type);
        return item switch
        {
            TextDataViewType => Text(Terms<ReadOnlyMemory<char>>()),
            BooleanDataViewType => Whole(Terms<bool>().Select(value => value ? 1L : 0)),
            _ when item == NumberDataViewType.Single => Written("keys_floats", new AttributeProto { Type = AttributeProto.Types.AttributeType.Floats, Floats = { Terms<float>() } }),
            _ when item == NumberDataViewType.Double => Doubles(Terms<double>()),
            _ when item == NumberDataViewType.SByte => Whole(Terms<sbyte>().Select(value => (long)value)),
            _ when item == NumberDataViewType.Byte => Whole(Terms<byte>().Select(value => (long)value)),
            _ when item == NumberDataViewType.Int16 => Whole(Terms<short>().Select(value => (long)value)),
            _ when item == NumberDataViewType.UInt16 => Whole(Terms<ushort>().Select(value => (long)value)),
            _ when item == NumberDataViewType.Int32 => Whole(Terms<int>().Select(value => (long)value)),
            _ when item == NumberDataViewType.UInt32 => Whole(Terms<uint>().Select(value => (long)value)),
            _ when item == NumberDataViewType.Int64 => Whole(Terms<long>()),
            _ => null,
        };

        IReadOnlyList<T> Terms<T>() => StepDoors.TermsOf<T>((ValueToKeyMappingTransformer)step.Transformer, step.Number) ?? [];

        StepForm? Text(IReadOnlyList<ReadOnlyMemory<char>> texts) => Written("keys_strings",
            new AttributeProto { Type = AttributeProto.Types.AttributeType.Strings, Strings = { texts.Select(text => ByteString.CopyFromUtf8(text.ToString())) } });

        StepForm? Whole(IEnumerable<long> numbers) => Written("keys_int64s", new AttributeProto { Type = AttributeProto.Types.AttributeType.Ints, Ints = { numbers } }, isWhole: true);

        StepForm? Written(string name, AttributeProto terms, bool isWhole = false)
        {
            var count = terms.Strings.Count + terms.Floats.Count + terms.Ints.Count;
            return count == 0 ? null : new($"Map {step.Output.Name} to keys", source, (graph, x) => Encode(graph, isWhole ? graph.Cast(x, OnnxTypes.Int64) : x, (name, terms),
                ("values_int64s", new AttributeProto { Type = AttributeProto.Types.AttributeType.Ints, Ints = { Keys(count) } }), ("default_int64", new AttributeProto { Type = AttributeProto.Types.AttributeType.Int, I = 0 })));
        }

        // an encoder of doubles gives doubles
        StepForm? Doubles(IReadOnlyList<double> numbers) => numbers.Count == 0 ? null : new($"Map {step.Output.Name} to keys", source, (graph, x) => graph.Cast(Encode(graph, x,
            ("keys_tensor", Tensor("keys", [.. numbers])), ("values_tensor", Tensor("values", [.. Keys(numbers.Count).Select(key => (double)key)])), ("default_tensor", Tensor("default", [0]))), OnnxTypes.Int64));
    }

    private static IEnumerable<long> Keys(int count) => Enumerable.Range(1, count).Select(key => (long)key);

    // ONNX's table lookup is one of its operators for classical models
    private static GraphValue Encode(OnnxGraph graph, GraphValue x, params (string Name, AttributeProto Value)[] attributes)
    {
        var keys = graph.Node("LabelEncoder", [x]);
        var node = graph.Graph.Node[^1];
        node.Domain = PipelineGraph.ClassicalDomain;
        foreach (var (name, value) in attributes)
        {
            value.Name = name;
            node.Attribute.Add(value);
        }
        return keys;
    }

    private static AttributeProto Tensor(string name, double[] values) => new()
    {
        Type = AttributeProto.Types.AttributeType.Tensor,
        T = new TensorProto { Name = name, DataType = OnnxTypes.Double, Dims = { values.Length }, RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())) },
    };
}
