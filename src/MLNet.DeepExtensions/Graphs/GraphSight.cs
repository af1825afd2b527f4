namespace MLNet.DeepExtensions;

/// <summary>What the steps of a batch see of each other, in a graph: the same for all layers of a transformer.</summary>
internal sealed record GraphSight
{
    private const float Hidden = float.NegativeInfinity;

    // a cosine and a sine for each place and pair of numbers, [steps, width / 2]
    private readonly (GraphValue Cosine, GraphValue Sine)? rotary;

    /// <param name="graph">The graph.</param>
    /// <param name="steps">[N, steps, …], with lengths where rows differ.</param>
    /// <param name="isCausal">Whether a step sees none behind it.</param>
    /// <param name="rotaryWidth">The numbers of a head, where places are told by turning queries and keys; null where they are not.</param>
    public GraphSight(OnnxGraph graph, GraphColumn steps, bool isCausal = false, long? rotaryWidth = null)
    {
        var places = Places(graph, steps.Values);
        var seen = steps.Mask()?.Unsqueeze(1).Unsqueeze(1);                                                             // [N, 1, 1, keys]
        if (isCausal)
        {
            var past = graph.Node("GreaterOrEqual", [places.Unsqueeze(1), places.Unsqueeze(0)]);                        // [queries, keys]
            seen = seen is null ? past : graph.Node("And", [past, seen]);
        }
        Bias = seen is null ? null : graph.Node("Where", [seen, graph.Constant(0f), graph.Constant(Hidden)]);
        if (rotaryWidth is not { } width)
            return;
        float[] speeds = [.. Enumerable.Range(0, (int)width / 2).Select(i => MathF.Exp(2 * i * (float)(-Math.Log(10_000) / width)))];
        var angles = places.ToFloat().Unsqueeze(1) * graph.Constant(speeds, speeds.Length);
        rotary = (graph.Node("Cos", [angles]), graph.Node("Sin", [angles]));
    }

    private GraphSight() { }

    /// <summary>Gets the sight of steps that all see all, told apart by nothing.</summary>
    public static GraphSight Everything { get; } = new();

    /// <summary>Gets what is added to a score before softmax; null where all see all.</summary>
    public GraphValue? Bias { get; }

    /// <summary>The twin of <see cref="RotaryPositions.Turn"/>: [N, heads, steps, width] to the same.</summary>
    public GraphValue Turn(GraphValue heads)
    {
        if (rotary is not var (cosine, sine))
            return heads;
        var halves = heads.Chunk(2, 3);
        return GraphValue.Cat([halves[0] * cosine - halves[1] * sine, halves[0] * sine + halves[1] * cosine], 3);
    }

    /// <summary>The number of each step, from 0: [steps] whole numbers.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="like">[N, steps, …].</param>
    public static GraphValue Places(OnnxGraph graph, GraphValue like) => graph.Node("Range", [graph.Scalar(0), graph.Node("Shape", [like], ("start", 1L), ("end", 2L)).Squeeze(0), graph.Scalar(1)]);

    /// <summary>The first rows of a table, as many as there are steps, from one of them on: [steps, width].</summary>
    public static GraphValue Rows(OnnxGraph graph, GraphValue table, GraphValue like, long first = 0)
    {
        var steps = graph.Node("Shape", [like], ("start", 1L), ("end", 2L));
        return graph.Node("Slice", [table, graph.Constant(first), graph.Node("Add", [steps, graph.Constant(first)]), graph.Constant(0)]);
    }

    /// <summary>Scaled dot-product attention: [N, steps, width] of queries, keys and values to the same, the heads side by side again.</summary>
    public GraphValue Attend(GraphValue query, GraphValue key, GraphValue value, long heads, long width)
    {
        var (q, k, v) = (Turn(Split(query)), Turn(Split(key)), Split(value));
        var scores = (q * (1 / MathF.Sqrt((float)width / heads))).Matmul(k.Permute(0, 1, 3, 2));                         // [N, heads, queries, keys]
        return (Bias is null ? scores : scores + Bias).Softmax(-1).Matmul(v).Permute(0, 2, 1, 3).Reshape(0, 0, width);

        GraphValue Split(GraphValue values) => values.Reshape(0, 0, heads, width / heads).Permute(0, 2, 1, 3);
    }
}
