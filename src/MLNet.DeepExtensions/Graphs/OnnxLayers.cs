using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>How the layers of <c>torch.nn</c> are written as a graph, in evaluation mode.</summary>
internal static class OnnxLayers
{
    // by the exact type, so that what derives from a layer and computes something else is not taken for it
    private static readonly Dictionary<Type, Func<OnnxGraph, nn.Module, GraphValue, GraphValue>> layers = new()
    {
        [typeof(Linear)] = Of<Linear>((graph, layer, x) => graph.Linear(x, layer.weight!, layer.bias)),
        [typeof(Conv1d)] = Of<Conv1d>(Convolve),
        [typeof(Conv2d)] = Of<Conv2d>(Convolve),
        [typeof(BatchNorm1d)] = Of<BatchNorm1d>(Normalize),
        [typeof(BatchNorm2d)] = Of<BatchNorm2d>(Normalize),
        [typeof(LayerNorm)] = Of<LayerNorm>((graph, layer, x) => graph.LayerNorm(x, layer)),
        [typeof(Embedding)] = Of<Embedding>((graph, layer, x) => graph.Node("Gather", [graph.Weight(layer.weight!), x])),
        [typeof(ReLU)] = (_, _, x) => x.Relu(),
        [typeof(Tanh)] = (_, _, x) => x.Tanh(),
        [typeof(Sigmoid)] = (_, _, x) => x.Sigmoid(),
        [typeof(ReLU6)] = (graph, _, x) => graph.Node("Clip", [x, graph.Constant(0f), graph.Constant(6f)]),
        [typeof(LeakyReLU)] = Of<LeakyReLU>((graph, layer, x) => graph.Node("LeakyRelu", [x], ("alpha", (float)layer.negative_slope))),
        [typeof(ELU)] = Of<ELU>((graph, layer, x) => graph.Node("Elu", [x], ("alpha", (float)layer.alpha))),
        [typeof(GELU)] = Of<GELU>((graph, layer, x) => graph.Node("Gelu", [x], ("approximate", layer.approximate == GELU.Approximate.tanh ? "tanh" : "none"))),
        [typeof(SiLU)] = (_, _, x) => x * x.Sigmoid(),
        [typeof(Dropout)] = (_, _, x) => x,
        [typeof(Identity)] = (_, _, x) => x,
        [typeof(Flatten)] = Of<Flatten>((graph, layer, x) => layer is { start_dim: 1, end_dim: -1 } ? graph.Node("Flatten", [x], ("axis", 1L)) : throw new NotSupportedException("Flatten is written for all dimensions but the first.")),
        [typeof(MaxPool2d)] = Of<MaxPool2d>((graph, layer, x) => graph.Node("MaxPool", [x], ("kernel_shape", Pair(layer.kernel_size)), ("strides", Pair(layer.stride ?? layer.kernel_size)), ("pads", Sides(Pair(layer.padding ?? [0]))),
            ("dilations", Pair(layer.dilation ?? [1])), ("ceil_mode", layer.ceil_mode ? 1L : 0L))),
        [typeof(AdaptiveAvgPool2d)] = Of<AdaptiveAvgPool2d>(AveragePlaces),
        [typeof(Sequential)] = Of<Sequential>((graph, layer, x) => layer.children().Aggregate(x, (value, child) => graph.Call(child, value))),
    };

    /// <exception cref="NotSupportedException">The module is none of these, and does not say itself how it is written.</exception>
    public static GraphValue Export(OnnxGraph graph, nn.Module module, string path, GraphValue input) => layers.TryGetValue(module.GetType(), out var write) ? write(graph, module, input)
        : throw new NotSupportedException($"It is not known how {module.GetType().Name}{(path.Length == 0 ? "" : $" '{path}'")} is written as an ONNX graph. Known are {string.Join(", ", layers.Keys.Select(type => type.Name).Order(StringComparer.Ordinal))}. " +
            $"A module of your own implements {nameof(IOnnxExportable)} beside its forward.");

    /// <summary>x · weightᵀ + bias, of any number of dimensions.</summary>
    public static GraphValue Linear(this OnnxGraph graph, GraphValue x, Tensor weight, Tensor? bias)
    {
        var product = x.Matmul(graph.Weight(weight, "ᵀ", static w => w.t()));
        return bias is null ? product : product + graph.Weight(bias);
    }

    /// <summary>Normalises the last dimensions.</summary>
    public static GraphValue LayerNorm(this OnnxGraph graph, GraphValue x, LayerNorm layer)
    {
        var scale = layer.weight is { } weight ? graph.Weight(weight) : graph.Constant(Enumerable.Repeat(1f, (int)layer.normalized_shape.Aggregate((a, b) => a * b)).ToArray(), layer.normalized_shape);
        return graph.Node("LayerNormalization", [x, scale, layer.bias is { } bias ? graph.Weight(bias) : null], ("axis", -(long)layer.normalized_shape.Length), ("epsilon", (float)layer.eps));
    }

    private static Func<OnnxGraph, nn.Module, GraphValue, GraphValue> Of<T>(Func<OnnxGraph, T, GraphValue, GraphValue> write) where T : nn.Module => (graph, module, x) => write(graph, (T)module, x);

    private static GraphValue Convolve(OnnxGraph graph, Convolution layer, GraphValue x)
    {
        if (layer.padding_mode != PaddingModes.Zeros || layer.transposed)
            throw new NotSupportedException($"A convolution is written with padding by zeros and not transposed, but one here has {(layer.transposed ? "transposed = true" : $"padding_mode {layer.padding_mode}")}.");
        var sizes = layer.weight!.shape[2..];
        var attributes = new List<(string, object)>
        {
            ("kernel_shape", sizes), ("strides", Each(layer.stride, sizes.Length)), ("dilations", Each(layer.dilation, sizes.Length)), ("group", layer.groups),
        };
        attributes.Add(layer.padding_type == Padding.Same ? ("auto_pad", "SAME_UPPER") : ("pads", Sides(Each(layer.padding ?? [0], sizes.Length))));
        return graph.Node("Conv", layer.bias is { } bias ? [x, graph.Weight(layer.weight), graph.Weight(bias)] : [x, graph.Weight(layer.weight)], attributes);
    }

    private static GraphValue Normalize(OnnxGraph graph, NormBase layer, GraphValue x)
    {
        if (layer.running_mean is not { } mean || layer.running_var is not { } variance)
            throw new NotSupportedException("A batch norm without running statistics depends on the batch, and has no place in a model that scores.");
        var count = (int)layer.num_features;
        var scale = layer.weight is { } weight ? graph.Weight(weight) : graph.Constant(Enumerable.Repeat(1f, count).ToArray(), count);
        var shift = layer.bias is { } bias ? graph.Weight(bias) : graph.Constant(new float[count], count);
        return graph.Node("BatchNormalization", [x, scale, shift, graph.Weight(mean), graph.Weight(variance)], ("epsilon", (float)layer.eps));
    }

    // each place of the output is the mean of a stretch of the input; a side at a time, by a matrix of what belongs to what
    private static GraphValue AveragePlaces(OnnxGraph graph, AdaptiveAvgPool2d layer, GraphValue x)
    {
        var size = Pair(layer.output_size);
        if (size is [1, 1])
            return graph.Node("GlobalAveragePool", [x]);
        var given = graph.InputShapeOf(layer);
        var (height, width) = (given[^2], given[^1]);
        if (height == size[0] && width == size[1])
            return x;
        var down = graph.Constant(Stretches(height, size[0]), size[0], height);
        var across = graph.Constant(Transposed(Stretches(width, size[1]), size[1], width), width, size[1]);
        return down.Matmul(x).Matmul(across);
    }

    private static float[] Stretches(long from, long to)
    {
        var weights = new float[to * from];
        for (var i = 0L; i < to; i++)
        {
            var (start, end) = (i * from / to, ((i + 1) * from + to - 1) / to);
            for (var j = start; j < end; j++)
                weights[i * from + j] = 1f / (end - start);
        }
        return weights;
    }

    private static float[] Transposed(float[] matrix, long rows, long columns)
    {
        var turned = new float[matrix.Length];
        for (var i = 0L; i < rows; i++)
            for (var j = 0L; j < columns; j++)
                turned[j * rows + i] = matrix[i * columns + j];
        return turned;
    }

    private static long[] Pair(long[] sizes) => Each(sizes, 2);

    private static long[] Each(long[] sizes, int dimensions) => sizes.Length == dimensions ? sizes : [.. Enumerable.Repeat(sizes[0], dimensions)];

    private static long[] Sides(long[] padding) => [.. padding, .. padding];
}
