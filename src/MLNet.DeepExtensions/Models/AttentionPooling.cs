using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A mean of several vectors whose weights are learnt: softmax of v · tanh(W h + b) (Yang et al. 2016, equations 5 to 7).</summary>
internal sealed class AttentionPooling : Module<Tensor, Tensor?, Tensor>, IOnnxExportable
{
    private readonly Linear proj;
    private readonly Linear score;

    public AttentionPooling(long width, Device? device) : base(nameof(AttentionPooling))
    {
        proj = Linear(width, width, device: device);
        score = Linear(width, 1, hasBias: false, device: device);       // softmax would not notice a bias
        RegisterComponents();
    }

    /// <param name="items">[N, items, width].</param>
    /// <param name="mask">[N, items], true where there is an item; null where all are.</param>
    /// <returns>[N, width].</returns>
    public override Tensor forward(Tensor items, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var scores = score.call(proj.call(items).tanh());                                   // [N, items, 1]
        if (mask is not null)
            scores = scores.masked_fill(mask.unsqueeze(2).logical_not(), float.NegativeInfinity);
        return (items * scores.softmax(1)).sum(1).MoveToOuterDisposeScope();
    }

    /// <param name="graph">The graph.</param>
    /// <param name="input">The items, [N, items, width], with how many there are.</param>
    /// <returns>[N, width].</returns>
    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var scores = graph.Call(score, graph.Call(proj, input.Values).Tanh());              // [N, items, 1]
        if (input.Columns[0].Mask() is { } mask)
            scores = scores.Where(mask.Unsqueeze(2), float.NegativeInfinity);
        return (input.Values * scores.Softmax(1)).Sum(1);
    }
}
