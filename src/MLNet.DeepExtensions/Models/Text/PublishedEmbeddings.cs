using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>What the first layer sees of each token: its vector, its place's and its part's, added, normalised.</summary>
internal sealed class PublishedEmbeddings : Module<InputTensor, Tensor>, IOnnxExportable
{
    private readonly Embedding words;
    private readonly Embedding places;
    private readonly Embedding? types;
    private readonly LayerNorm norm;
    private readonly SeededDropout dropout;
    private readonly PublishedPlan plan;
    private readonly int? separator;
    private readonly int mostTokens;
    private readonly string network;

    /// <param name="config">The network, for its names in messages.</param>
    /// <param name="plan">Its sizes.</param>
    /// <param name="ids">The tokens that there are.</param>
    /// <param name="device">Where the weights are wanted.</param>
    public PublishedEmbeddings(PublishedEncoder config, PublishedPlan plan, IdsShape ids, Device? device) : base(nameof(PublishedEmbeddings))
    {
        (this.plan, separator, mostTokens, network) = (plan, ids.Separator, config.MaxTokensFor(""), config.GetType().Name);
        words = Embedding(config.VocabSize ?? ids.Categories, plan.Width, device: device);
        places = Embedding(config.MaxPositionEmbeddings, plan.Width, device: device);
        if (plan.Types > 0)
            types = Embedding(plan.Types, plan.Width, device: device);
        norm = LayerNorm(plan.Width, eps: plan.Epsilon, device: device);
        dropout = new SeededDropout(plan.Dropout);
        ModuleTree.Register(this, ("word_embeddings", words), ("position_embeddings", places), ("token_type_embeddings", types), ("LayerNorm", norm), ("dropout", dropout));
    }

    /// <summary>Does nothing: the parts have their names, which are not those of the fields.</summary>
    protected override void RegisterComponents() { }

    /// <summary>Gets the tokens' vectors, [tokens, width].</summary>
    public Tensor Vectors => words.weight!;

    /// <returns>[N, steps, width].</returns>
    public override Tensor forward(InputTensor rows)
    {
        using var scope = NewDisposeScope();
        var ids = rows.Values;                                                                      // [N, steps]
        if (ids.shape[1] > mostTokens)
            throw new InvalidOperationException($"A row has {ids.shape[1]:N0} tokens, but this {network} reads {mostTokens:N0} at most. Cut the rows: new InputColumn(…) {{ MaxTokens = {mostTokens} }} for a column of text.");
        var x = words.call(ids) + places.weight!.narrow(0, plan.FirstPlace, ids.shape[1]);
        if (types is not null)
            x = x + (PartsOf(ids) is { } parts ? types.call(parts) : types.weight![0]);
        return dropout.call(norm.call(x)).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput rows)
    {
        var ids = graph.Node("Cast", [rows.Values], ("to", (long)OnnxGraph.DataType.Int64));
        var x = graph.Call(words, ids) + GraphSight.Rows(graph, graph.Weight(places.weight!), ids, plan.FirstPlace);
        if (types is not null && separator is { } end && plan.Types >= 2)
        {
            var ends = graph.Node("Cast", [graph.Node("Equal", [ids, graph.Scalar(end)])], ("to", (long)OnnxGraph.DataType.Int64));
            var parts = graph.Node("Min", [graph.Node("CumSum", [ends, graph.Scalar(1)]) - ends, graph.Scalar(1)]);
            x += graph.Call(types, parts);
        }
        else if (types is not null)
            x += graph.Weight(types.weight!).Select(0, 0);
        return graph.Call(norm, x);
    }

    // what stands behind the first separator is the second part; null where all is one
    private Tensor? PartsOf(Tensor ids)
    {
        if (separator is null || plan.Types < 2)
            return null;
        var ends = ids.eq(separator.Value).to(ScalarType.Int64);
        return (ends.cumsum(1) - ends).clamp_max(1);
    }
}
