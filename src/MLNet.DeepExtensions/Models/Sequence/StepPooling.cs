using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Makes one vector of the steps of each row.</summary>
internal sealed class StepPooling : Module<Tensor, InputTensor, Tensor>, IOnnxExportable
{
    private readonly Pooling kind;
    private readonly bool isBidirectional;
    private readonly AttentionPooling? attention;

    /// <param name="kind">How.</param>
    /// <param name="width">The features of a step.</param>
    /// <param name="isBidirectional">Whether the second half of the features was read from the end to the beginning.</param>
    /// <param name="device">Where the weights are wanted.</param>
    public StepPooling(Pooling kind, long width, bool isBidirectional, Device? device) : base(nameof(StepPooling))
    {
        (this.kind, this.isBidirectional) = (kind, isBidirectional);
        if (kind == Pooling.Attention)
            attention = new AttentionPooling(width, device);
        RegisterComponents();
    }

    /// <param name="steps">[N, steps, width].</param>
    /// <param name="input">What was read: it knows the lengths.</param>
    /// <returns>[N, width].</returns>
    public override Tensor forward(Tensor steps, InputTensor input)
    {
        using var scope = NewDisposeScope();
        return (kind switch
        {
            Pooling.Mean when input.Mask() is { } mask => where(mask.unsqueeze(2), steps, 0f).sum(1) / input.Lengths!.unsqueeze(1),
            Pooling.Mean => steps.mean([1]),
            Pooling.Max => (input.Mask() is { } mask ? where(mask.unsqueeze(2), steps, float.NegativeInfinity) : steps).amax([1]),
            // a step of padding weighs nothing, but nothing times infinity would be no number
            Pooling.Attention => attention!.call(input.Mask() is { } mask ? where(mask.unsqueeze(2), steps, 0f) : steps, input.Mask()),
            Pooling.First => steps.select(1, 0),
            _ => Last(steps, input.Lengths),
        }).MoveToOuterDisposeScope();
    }

    /// <param name="graph">The graph.</param>
    /// <param name="input">The steps, [N, steps, width], with their lengths.</param>
    /// <returns>[N, width].</returns>
    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var (steps, lengths) = (input.Values, input.Columns[0].Lengths);
        if (kind == Pooling.Last)
            return Last(graph, steps, lengths);
        if (kind == Pooling.First)
            return steps.Select(1, 0);
        var mask = input.Columns[0].Mask()?.Unsqueeze(2);                                   // [N, steps, 1]
        GraphValue Masked(float otherwise) => mask is null ? steps : steps.Where(mask, otherwise);
        return kind switch
        {
            Pooling.Mean => lengths is null ? steps.Mean(1) : Masked(0).Sum(1) / lengths.Unsqueeze(1).ToFloat(),
            Pooling.Max => Masked(float.NegativeInfinity).Amax(1),
            _ => graph.Call(attention!, new GraphColumn("", Masked(0), lengths)),
        };
    }

    private GraphValue Last(OnnxGraph graph, GraphValue steps, GraphValue? lengths)
    {
        if (!isBidirectional)
            return AtEnd(graph, steps, lengths);
        var halves = steps.Chunk(2, 2);
        return GraphValue.Cat([AtEnd(graph, halves[0], lengths), halves[1].Select(1, 0)], 1);
    }

    // GatherND takes, in each row of the batch, the step that the row's one index says
    private static GraphValue AtEnd(OnnxGraph graph, GraphValue steps, GraphValue? lengths) => lengths is null ? steps.Select(1, -1)
        : graph.Node("GatherND", [steps, (lengths - graph.Scalar(1)).Unsqueeze(1)], ("batch_dims", 1));

    private Tensor Last(Tensor steps, Tensor? lengths)
    {
        if (!isBidirectional)
            return AtEnd(steps, lengths);
        var half = steps.shape[2] / 2;
        return cat([AtEnd(steps.narrow(2, 0, half), lengths), steps.select(1, 0).narrow(1, half, half)], 1);
    }

    private static Tensor AtEnd(Tensor steps, Tensor? lengths) => lengths is null ? steps.select(1, -1)
        : steps.gather(1, (lengths - 1).view(-1, 1, 1).expand(-1, 1, steps.shape[2])).squeeze(1);
}
