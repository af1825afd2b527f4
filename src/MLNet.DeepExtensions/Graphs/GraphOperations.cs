namespace MLNet.DeepExtensions;

// What forward says with tensors, said of values in a graph: names, dimensions and broadcasting are PyTorch's. What is missing here is a Node.
public sealed partial record GraphValue
{
    /// <summary>Adds, with broadcasting.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static GraphValue operator +(GraphValue left, GraphValue right) => Both("Add", left, right);

    /// <summary>Subtracts, with broadcasting.</summary>
    /// <param name="left">From this.</param>
    /// <param name="right">That.</param>
    public static GraphValue operator -(GraphValue left, GraphValue right) => Both("Sub", left, right);

    /// <summary>Multiplies number by number, with broadcasting.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static GraphValue operator *(GraphValue left, GraphValue right) => Both("Mul", left, right);

    /// <summary>Divides number by number, with broadcasting; whole numbers towards 0.</summary>
    /// <param name="left">This.</param>
    /// <param name="right">By that.</param>
    public static GraphValue operator /(GraphValue left, GraphValue right) => Both("Div", left, right);

    /// <summary>Multiplies by a number.</summary>
    /// <param name="left">Numbers in float32.</param>
    /// <param name="right">The factor.</param>
    public static GraphValue operator *(GraphValue left, float right) => Both("Mul", left, left?.graph.Constant(right));

    /// <summary>Adds a number.</summary>
    /// <param name="left">Numbers in float32.</param>
    /// <param name="right">The number.</param>
    public static GraphValue operator +(GraphValue left, float right) => Both("Add", left, left?.graph.Constant(right));

    /// <summary>Puts values behind each other.</summary>
    /// <param name="values">The values, alike in all dimensions but one; at least one.</param>
    /// <param name="dim">That dimension.</param>
    public static GraphValue Cat(IReadOnlyList<GraphValue> values, int dim)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfZero(values.Count);
        return values.Count == 1 ? values[0] : values[0].graph.Node("Concat", values, ("axis", dim));
    }

    /// <summary>Multiplies matrices, the last two dimensions; those before are broadcast.</summary>
    /// <param name="other">[…, columns, other columns].</param>
    public GraphValue Matmul(GraphValue other) => Both("MatMul", this, other);

    /// <summary>max(0, x).</summary>
    public GraphValue Relu() => Of("Relu");

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public GraphValue Sigmoid() => Of("Sigmoid");

    /// <summary>tanh x.</summary>
    public GraphValue Tanh() => Of("Tanh");

    /// <summary>Shares that add up to 1 along a dimension.</summary>
    /// <param name="dim">The dimension.</param>
    public GraphValue Softmax(int dim) => graph.Node("Softmax", [this], ("axis", dim));

    /// <summary>Adds up along a dimension.</summary>
    /// <param name="dim">The dimension.</param>
    /// <param name="keepDim">Whether it stays, with size 1.</param>
    public GraphValue Sum(int dim, bool keepDim = false) => Reduce("ReduceSum", dim, keepDim);

    /// <summary>Takes the mean along a dimension.</summary>
    /// <param name="dim">The dimension.</param>
    /// <param name="keepDim">Whether it stays, with size 1.</param>
    public GraphValue Mean(int dim, bool keepDim = false) => Reduce("ReduceMean", dim, keepDim);

    /// <summary>Takes the largest along a dimension.</summary>
    /// <param name="dim">The dimension.</param>
    /// <param name="keepDim">Whether it stays, with size 1.</param>
    public GraphValue Amax(int dim, bool keepDim = false) => Reduce("ReduceMax", dim, keepDim);

    /// <summary>Changes the order of dimensions.</summary>
    /// <param name="dims">For each dimension of the result, which one it was.</param>
    public GraphValue Permute(params long[] dims) => graph.Node("Transpose", [this], ("perm", dims));

    /// <summary>Gives another shape.</summary>
    /// <param name="sizes">The sizes; 0 leaves the size that this place has, so that the number of rows need not be known, and one -1 takes the rest.</param>
    public GraphValue Reshape(params ReadOnlySpan<long> sizes) => graph.Node("Reshape", [this, graph.Constant(sizes)]);

    /// <summary>Makes one dimension of the last ones.</summary>
    /// <param name="startDim">How many dimensions before them stay, from 1.</param>
    public GraphValue Flatten(int startDim = 1) => Reshape([.. new long[startDim], -1]);

    /// <summary>Adds a dimension of size 1.</summary>
    /// <param name="dim">Its place in the result.</param>
    public GraphValue Unsqueeze(int dim) => graph.Node("Unsqueeze", [this, graph.Constant(dim)]);

    /// <summary>Leaves a dimension of size 1 out.</summary>
    /// <param name="dim">Its place.</param>
    public GraphValue Squeeze(int dim) => graph.Node("Squeeze", [this, graph.Constant(dim)]);

    /// <summary>Takes a stretch along a dimension.</summary>
    /// <param name="dim">The dimension.</param>
    /// <param name="start">Its first place; below 0 it counts from the end.</param>
    /// <param name="end">The place behind its last one; the default is the end.</param>
    public GraphValue Slice(int dim, long start, long end = long.MaxValue) => graph.Node("Slice", [this, graph.Constant(start), graph.Constant(end), graph.Constant(dim)]);

    /// <summary>Takes one place of a dimension, which is gone then.</summary>
    /// <param name="dim">The dimension.</param>
    /// <param name="index">The place; below 0 it counts from the end.</param>
    public GraphValue Select(int dim, long index) => graph.Node("Gather", [this, graph.Scalar(index)], ("axis", dim));

    /// <summary>Cuts into equal parts along a dimension.</summary>
    /// <param name="count">How many; they must come out even.</param>
    /// <param name="dim">The dimension.</param>
    public IReadOnlyList<GraphValue> Chunk(int count, int dim) => graph.Nodes("Split", count, [this], ("axis", dim), ("num_outputs", count));

    /// <summary>Repeats along dimensions of size 1.</summary>
    /// <param name="sizes">The sizes; 1 leaves a dimension as it is.</param>
    public GraphValue Expand(params ReadOnlySpan<long> sizes) => graph.Node("Expand", [this, graph.Constant(sizes)]);

    /// <summary>Repeats what is there once for each row of a batch.</summary>
    /// <param name="batch">[N, …].</param>
    /// <param name="sizes">The sizes behind N; 1 leaves a dimension as it is.</param>
    /// <returns>[N, …sizes].</returns>
    public GraphValue ExpandRows(GraphValue batch, params ReadOnlySpan<long> sizes) =>
        graph.Node("Expand", [this, Cat([graph.Node("Shape", [batch], ("start", 0), ("end", 1)), graph.Constant(sizes)], 0)]);

    /// <summary>Keeps numbers where a condition holds.</summary>
    /// <param name="condition">True or false, broadcast against the numbers.</param>
    /// <param name="otherwise">What stands in the other places.</param>
    public GraphValue Where(GraphValue condition, float otherwise) => graph.Node("Where", [condition, this, graph.Constant(otherwise)]);

    /// <summary>Makes float32 of whole numbers, and of true 1 and of false 0.</summary>
    public GraphValue ToFloat() => graph.Node("Cast", [this], ("to", OnnxGraph.DataType.Float));

    /// <summary>Where steps are in rows of some lengths: [N] whole numbers → [N, steps].</summary>
    internal GraphValue StepsBelow(GraphValue lengths, int dim)
    {
        var steps = graph.Node("Shape", [this], ("start", dim), ("end", dim + 1)).Squeeze(0);
        return graph.Node("Less", [graph.Node("Range", [graph.Scalar(0), steps, graph.Scalar(1)]).Unsqueeze(0), lengths.Unsqueeze(1)]);
    }

    private static GraphValue Both(string operation, GraphValue left, GraphValue? right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return left.graph.Node(operation, [left, right]);
    }

    private GraphValue Of(string operation) => graph.Node(operation, [this]);

    private GraphValue Reduce(string operation, int dim, bool keepDim) => graph.Node(operation, [this, graph.Constant(dim)], ("keepdims", keepDim ? 1 : 0));
}
