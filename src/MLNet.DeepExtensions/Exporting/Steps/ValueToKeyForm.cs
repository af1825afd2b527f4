using Google.Protobuf;
using Microsoft.ML.Data;
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
        // what stands beside the column may be text where the values are none
        if (step.Output.Annotations.Schema.GetColumnOrNull(AnnotationNames.KeyValues)?.Type is not VectorDataViewType { IsKnownSize: true, Size: > 0 } values || !values.ItemType.Equals(item))
            return null;
        return item switch
        {
            TextDataViewType => Written(("keys_strings", new AttributeProto { Type = AttributeProto.Types.AttributeType.Strings, Strings = { Read<ReadOnlyMemory<char>>().Select(text => ByteString.CopyFromUtf8(text.ToString())) } })),
            BooleanDataViewType => Whole(Read<bool>().Select(value => value ? 1L : 0)),
            _ when item == NumberDataViewType.Single => Written(("keys_floats", new AttributeProto { Type = AttributeProto.Types.AttributeType.Floats, Floats = { Read<float>() } })),
            _ when item == NumberDataViewType.Double => Doubles([.. Read<double>()]),
            _ when item == NumberDataViewType.SByte => Whole(Read<sbyte>().Select(value => (long)value)),
            _ when item == NumberDataViewType.Byte => Whole(Read<byte>().Select(value => (long)value)),
            _ when item == NumberDataViewType.Int16 => Whole(Read<short>().Select(value => (long)value)),
            _ when item == NumberDataViewType.UInt16 => Whole(Read<ushort>().Select(value => (long)value)),
            _ when item == NumberDataViewType.Int32 => Whole(Read<int>().Select(value => (long)value)),
            _ when item == NumberDataViewType.UInt32 => Whole(Read<uint>().Select(value => (long)value)),
            _ when item == NumberDataViewType.Int64 => Whole(Read<long>()),
            _ => null,
        };

        IEnumerable<T> Read<T>()
        {
            VBuffer<T> buffer = default;
            step.Output.Annotations.GetValue(AnnotationNames.KeyValues, ref buffer);
            return buffer.DenseValues();
        }

        StepForm Whole(IEnumerable<long> numbers) => Written(("keys_int64s", new AttributeProto { Type = AttributeProto.Types.AttributeType.Ints, Ints = { numbers } }), isWhole: true);

        StepForm Written((string Name, AttributeProto Values) keys, bool isWhole = false) => new($"Map {step.Output.Name} to keys", source, (graph, x) =>
            Encode(graph, isWhole ? graph.Cast(x, OnnxTypes.Int64) : x, keys, ("values_int64s", new AttributeProto { Type = AttributeProto.Types.AttributeType.Ints, Ints = { Keys() } }),
                ("default_int64", new AttributeProto { Type = AttributeProto.Types.AttributeType.Int, I = 0 })));

        // an encoder of doubles gives doubles
        StepForm Doubles(double[] numbers) => new($"Map {step.Output.Name} to keys", source, (graph, x) => graph.Cast(Encode(graph, x, ("keys_tensor", Tensor("keys", numbers)),
            ("values_tensor", Tensor("values", [.. Keys().Select(key => (double)key)])), ("default_tensor", Tensor("default", [0]))), OnnxTypes.Int64));

        IEnumerable<long> Keys() => Enumerable.Range(1, values.Size).Select(key => (long)key);
    }

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
