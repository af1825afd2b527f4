using System.Runtime.InteropServices;
using Google.Protobuf;
using MLNet.DeepExtensions.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// A graph of ONNX operators that grows node by node (opset <see cref="Opset"/>). Nodes are named after the module that adds them, and weights as in the state_dict, so that a person can read it.
/// </summary>
public sealed class OnnxGraph
{
    /// <summary>The version of ONNX's operators that graphs are written in.</summary>
    public const int Opset = 20;

    private readonly GraphProto graph = new();
    private readonly Dictionary<nn.Module, string> paths = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<IntPtr, string> weightNames = [];
    private readonly Dictionary<string, GraphValue> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);
    private readonly Func<nn.Module, IReadOnlyList<long>?> shapes;
    private string path = "";

    /// <param name="network">The network.</param>
    /// <param name="shapes">The shape that one of its modules is given for one example, where it is known.</param>
    internal OnnxGraph(nn.Module network, Func<nn.Module, IReadOnlyList<long>?> shapes)
    {
        this.shapes = shapes;
        graph.Name = network.GetName();
        paths[network] = "";
        foreach (var (name, module) in network.named_modules())
            paths.TryAdd(module, name);
        foreach (var (name, tensor) in network.state_dict())
            weightNames.TryAdd(tensor.Handle, name);
        // those that are not saved have names, too
        foreach (var (name, tensor) in network.named_buffers())
            weightNames.TryAdd(tensor.Handle, name);
    }

    /// <summary>A graph of no network, such as one that is made of another.</summary>
    internal OnnxGraph(string name)
    {
        graph.Name = name;
        shapes = static _ => null;
    }

    internal GraphProto Graph => graph;

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">ONNX's operator, such as <c>MatMul</c>.</param>
    /// <param name="inputs">What it takes; null for an optional input that is left out.</param>
    /// <param name="attributes">Its attributes: float, long, string, long[] or float[].</param>
    /// <returns>What it gives.</returns>
    public GraphValue Node(string operation, IReadOnlyList<GraphValue?> inputs, params IReadOnlyList<(string Name, object Value)> attributes) => Nodes(operation, 1, inputs, attributes)[0];

    /// <summary>Adds a node with several outputs.</summary>
    /// <param name="operation">ONNX's operator, such as <c>Split</c>.</param>
    /// <param name="outputs">How many it gives.</param>
    /// <param name="inputs">What it takes; null for an optional input that is left out.</param>
    /// <param name="attributes">Its attributes: float, long, string, long[] or float[].</param>
    /// <returns>What it gives.</returns>
    public IReadOnlyList<GraphValue> Nodes(string operation, int outputs, IReadOnlyList<GraphValue?> inputs, params IReadOnlyList<(string Name, object Value)> attributes)
    {
        ArgumentException.ThrowIfNullOrEmpty(operation);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        var node = new NodeProto { OpType = operation, Name = NameFor($"{(path.Length == 0 ? "" : path + "/")}{operation}") };
        node.Input.AddRange(inputs.Select(input => input?.Name ?? ""));
        // optional inputs at the end are left out: ONNX Runtime's layer norm ends the process over one without a name
        while (node.Input is [.., ""])
            node.Input.RemoveAt(node.Input.Count - 1);
        node.Attribute.AddRange(attributes.Select(ToAttribute));
        var values = Enumerable.Range(0, outputs).Select(number => new GraphValue(this, outputs == 1 ? $"{node.Name}:0" : $"{node.Name}:{number}")).ToList();
        node.Output.AddRange(values.Select(value => value.Name));
        graph.Node.Add(node);
        return values;
    }

    /// <summary>Adds the nodes of a module that takes one tensor.</summary>
    /// <param name="module">A part of the network.</param>
    /// <param name="input">What it takes.</param>
    /// <returns>What it gives.</returns>
    /// <exception cref="NotSupportedException">It is not known how the module is written as a graph.</exception>
    public GraphValue Call(nn.Module module, GraphValue input) => Call(module, (GraphInput)input);

    /// <summary>Adds the nodes of a module.</summary>
    /// <param name="module">A part of the network.</param>
    /// <param name="input">What it takes.</param>
    /// <returns>What it gives.</returns>
    /// <exception cref="NotSupportedException">It is not known how the module is written as a graph.</exception>
    public GraphValue Call(nn.Module module, GraphInput input)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(input);
        return Within(module, () => module is IOnnxExportable exportable ? exportable.Export(this, input) : OnnxLayers.Export(this, module, path.Replace('/', '.'), input.Values));
    }

    /// <summary>Adds nodes that are named after a module.</summary>
    internal GraphValue Within(nn.Module module, Func<GraphValue> write) => Within(paths.GetValueOrDefault(module, path).Replace('.', '/'), write);

    /// <summary>Adds nodes that are named after something that is no module.</summary>
    internal GraphValue Within(string inner, Func<GraphValue> write)
    {
        var outer = path;
        path = inner;
        try
        {
            return write();
        }
        finally
        {
            path = outer;
        }
    }

    /// <summary>Takes a parameter or buffer of the network, under its name.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <returns>It in the graph; the same when it is asked for again.</returns>
    public GraphValue Weight(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return Weight(tensor, "", static weight => weight.alias());
    }

    /// <summary>Takes a parameter or buffer in another form, such as transposed.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="form">What stands behind its name then.</param>
    /// <param name="change">Makes the form.</param>
    /// <returns>It in the graph.</returns>
    public GraphValue Weight(Tensor tensor, string form, Func<Tensor, Tensor> change)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(change);
        var name = weightNames.GetValueOrDefault(tensor.Handle) is { } own ? own + form : null;
        if (name is not null && known.TryGetValue(name, out var value))
            return value;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var changed = change(tensor.detach()).cpu().contiguous();
        return Initializer(name ?? NameFor((path.Length == 0 ? "" : path + "/") + "weight" + form), changed.shape, TypeOf(changed.dtype), changed.bytes);
    }

    /// <summary>Makes a constant of whole numbers, such as axes or a shape.</summary>
    /// <param name="values">The numbers, [count].</param>
    /// <returns>The constant; one for equal numbers.</returns>
    public GraphValue Constant(params ReadOnlySpan<long> values) => Initializer(values.Length > 8 ? NameFor((path.Length == 0 ? "" : path + "/") + "places") : $"int64 [{string.Join(",", values.ToArray())}]", [values.Length], DataType.Int64, MemoryMarshal.AsBytes(values));

    /// <summary>Makes a constant number.</summary>
    /// <param name="value">The number, a scalar.</param>
    /// <returns>The constant; one for equal numbers.</returns>
    public GraphValue Constant(float value) => Initializer(FormattableString.Invariant($"float {value:R}"), [], DataType.Float, MemoryMarshal.AsBytes([value]));

    /// <summary>Makes a constant whole number without dimensions, such as an index.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The constant; one for equal numbers.</returns>
    public GraphValue Scalar(long value) => Initializer($"int64 {value}", [], DataType.Int64, MemoryMarshal.AsBytes([value]));

    /// <summary>Makes a constant of numbers that belong to no parameter.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="shape">Their shape.</param>
    /// <returns>The constant.</returns>
    public GraphValue Constant(ReadOnlySpan<float> values, params long[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return Initializer(NameFor((path.Length == 0 ? "" : path + "/") + "constant"), shape, DataType.Float, MemoryMarshal.AsBytes(values));
    }

    /// <summary>Refuses rows: ONNX has no other way than to look up a place that is not there, in a node whose name says why.</summary>
    /// <param name="value">What is passed on.</param>
    /// <param name="isWrong">True where something is wrong, of any shape.</param>
    /// <param name="reason">What must be.</param>
    internal GraphValue Require(GraphValue value, GraphValue isWrong, string reason) => Within($"{path}/{reason}", () =>
        value + Node("Gather", [Constant(stackalloc float[1], 1), Node("ReduceMax", [Node("Cast", [isWrong], ("to", DataType.Int64))], ("keepdims", 0))]));

    /// <summary>The shape that a module is given for one example, [1, …].</summary>
    internal IReadOnlyList<long> InputShapeOf(nn.Module module) => shapes(module) ?? throw new NotSupportedException(
        $"{module.GetType().Name} '{paths.GetValueOrDefault(module)}' is written by the size of what it takes, which is not known here.");

    internal GraphValue Input(string name, int type, params IReadOnlyList<object> shape)
    {
        graph.Input.Add(Info(name, type, shape));
        return new GraphValue(this, name);
    }

    internal void Output(GraphValue value, string name, int type, params IReadOnlyList<object> shape)
    {
        var node = new NodeProto { OpType = "Identity", Name = NameFor(name), Input = { value.Name }, Output = { name } };
        graph.Node.Add(node);
        graph.Output.Add(Info(name, type, shape));
    }

    internal GraphValue Initializer(string name, IReadOnlyList<long> shape, int type, ReadOnlySpan<byte> data)
    {
        if (known.TryGetValue(name, out var value))
            return value;
        var tensor = new TensorProto { Name = name, DataType = type, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.AddRange(shape);
        graph.Initializer.Add(tensor);
        return known[name] = new GraphValue(this, name);
    }

    internal GraphValue Texts(string name, IEnumerable<string> texts)
    {
        var tensor = new TensorProto { Name = name, DataType = DataType.String };
        tensor.StringData.AddRange(texts.Select(ByteString.CopyFromUtf8));
        tensor.Dims.Add(tensor.StringData.Count);
        graph.Initializer.Add(tensor);
        return new GraphValue(this, name);
    }

    /// <summary>A name that nothing else has: the given one, or it with a number.</summary>
    internal string NameFor(string name)
    {
        var number = taken.GetValueOrDefault(name);
        taken[name] = number + 1;
        return number == 0 ? name : $"{name}_{number}";
    }

    private static ValueInfoProto Info(string name, int type, IReadOnlyList<object> shape)
    {
        var sizes = new TensorShapeProto();
        sizes.Dim.AddRange(shape.Select(size => size is string symbol ? new TensorShapeProto.Types.Dimension { DimParam = symbol } : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(size) }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = sizes } } };
    }

    private static AttributeProto ToAttribute((string Name, object Value) attribute)
    {
        var proto = new AttributeProto { Name = attribute.Name };
        switch (attribute.Value)
        {
            case float number: (proto.Type, proto.F) = (AttributeProto.Types.AttributeType.Float, number); break;
            case double number: (proto.Type, proto.F) = (AttributeProto.Types.AttributeType.Float, (float)number); break;
            case int number: (proto.Type, proto.I) = (AttributeProto.Types.AttributeType.Int, number); break;
            case long number: (proto.Type, proto.I) = (AttributeProto.Types.AttributeType.Int, number); break;
            case string text: (proto.Type, proto.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(text)); break;
            case IEnumerable<long> numbers: proto.Type = AttributeProto.Types.AttributeType.Ints; proto.Ints.AddRange(numbers); break;
            case IEnumerable<float> numbers: proto.Type = AttributeProto.Types.AttributeType.Floats; proto.Floats.AddRange(numbers); break;
            case IEnumerable<string> texts: proto.Type = AttributeProto.Types.AttributeType.Strings; proto.Strings.AddRange(texts.Select(ByteString.CopyFromUtf8)); break;
            default: throw new ArgumentException($"Attribute '{attribute.Name}' is {attribute.Value?.GetType().Name ?? "null"}; give a float, long, string, long[] or float[].", nameof(attribute));
        }
        return proto;
    }

    internal static int TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => DataType.Float,
        ScalarType.Byte => DataType.UInt8,
        ScalarType.Int32 => DataType.Int32,
        ScalarType.Int64 => DataType.Int64,
        ScalarType.Bool => DataType.Bool,
        ScalarType.Float16 => DataType.Float16,
        _ => throw new NotSupportedException($"A tensor of {type} has no place in an exported graph."),
    };

    /// <summary>ONNX's numbers of element types.</summary>
    internal static class DataType
    {
        public const int Float = 1, UInt8 = 2, Int32 = 6, Int64 = 7, String = 8, Bool = 9, Float16 = 10;
    }
}
