using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A layer of a published encoder: attention, then two fully connected layers, each added to what came in and normalised.</summary>
internal sealed class PublishedLayer : Module<Tensor, Tensor?, Tensor>
{
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly Linear project;
    private readonly LayerNorm attentionNorm;
    private readonly Linear wide;
    private readonly Linear narrow;
    private readonly LayerNorm norm;
    private readonly Module<Tensor, Tensor> activation;
    private readonly SeededDropout dropout;
    private readonly PublishedPlan plan;

    public PublishedLayer(PublishedPlan plan, Device? device) : base(nameof(PublishedLayer))
    {
        this.plan = plan;
        (query, key, value, project) = (Square(), Square(), Square(), Square());
        attentionNorm = LayerNorm(plan.Width, eps: plan.Epsilon, device: device);
        wide = Linear(plan.Width, plan.InnerWidth, device: device);
        narrow = Linear(plan.InnerWidth, plan.Width, device: device);
        norm = LayerNorm(plan.Width, eps: plan.Epsilon, device: device);
        activation = plan.Activation.Build();
        dropout = new SeededDropout(plan.Dropout);
        var names = plan.Names;
        ModuleTree.Register(this, (names.Query, query), (names.Key, key), (names.Value, value), (names.Project, project), (names.AttentionNorm, attentionNorm),
            (names.Wide, wide), (names.Narrow, narrow), (names.Norm, norm), ("activation", activation), ("dropout", dropout));

        Linear Square() => Linear(plan.Width, plan.Width, device: device);
    }

    /// <summary>Does nothing: the parts have their names, which are not those of the fields.</summary>
    protected override void RegisterComponents() { }

    /// <param name="input">[N, steps, width].</param>
    /// <param name="mask">[N, steps], true where there is a step; null where all are.</param>
    /// <returns>[N, steps, width].</returns>
    public override Tensor forward(Tensor input, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var seen = Attention.Merge(Attention.Attend(Attention.Split(query.call(input), plan.Heads), Attention.Split(key.call(input), plan.Heads), Attention.Split(value.call(input), plan.Heads),
            mask, dropout: training ? plan.AttentionDropout : 0));
        var attended = project.call(seen);
        var x = attentionNorm.call((plan.DropsAttended ? dropout.call(attended) : attended) + input);
        return norm.call(dropout.call(narrow.call(activation.call(wide.call(x)))) + x).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphValue input, GraphSight sight)
    {
        var seen = sight.Attend(graph.Call(query, input), graph.Call(key, input), graph.Call(value, input), plan.Heads, plan.Width);
        var x = graph.Call(attentionNorm, graph.Call(project, seen) + input);
        return graph.Call(norm, graph.Call(narrow, graph.Call(activation, graph.Call(wide, x))) + x);
    }
}
