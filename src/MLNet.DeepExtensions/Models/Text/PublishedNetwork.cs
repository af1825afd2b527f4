using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A published encoder at work.</summary>
internal sealed class PublishedNetwork : EncoderNetwork, IOnnxExportable
{
    private readonly PublishedEmbeddings embeddings;
    private readonly PublishedLayer[] layers;
    private readonly StepPooling? pooling;
    private readonly Linear? dense;
    private readonly Linear? classifier;
    private readonly Module<Tensor, Tensor> denseActivation;
    private readonly SeededDropout dropout;
    private readonly TokenHead? tokens;
    private readonly PublishedPlan plan;
    private readonly int outputs;

    public PublishedNetwork(PublishedEncoder config, PublishedPlan plan, IdsShape ids, int outputs, Device? device) : base(config.GetType().Name)
    {
        (this.plan, this.outputs) = (plan, outputs);
        embeddings = new PublishedEmbeddings(config, plan, ids, device);
        layers = [.. Enumerable.Range(0, plan.LayerCount).Select(_ => new PublishedLayer(plan, device))];
        if (config.Pooling != Pooling.None && config.Head != EncoderHead.Tokens)
            pooling = new StepPooling(config.Pooling, plan.Width, isBidirectional: false, device);
        denseActivation = plan.Answer.DenseActivation.Build();
        dropout = new SeededDropout(plan.Answer.Dropout);
        if (config.Head == EncoderHead.Outputs)
        {
            if (pooling is not null && plan.Answer.Dense is not null)
                dense = Linear(plan.Width, plan.Width, device: device);
            classifier = Linear(plan.Width, outputs, device: device);
        }
        else if (config.Head == EncoderHead.Tokens)
            tokens = new TokenHead(plan.Width, config.VocabSize ?? ids.Categories, plan.Activation, device, plan.Epsilon);
        ModuleTree.Register(this,
        [
            (plan.Embeddings, embeddings), .. layers.Select((layer, i) => ($"{plan.Layers}.{i}", (object)layer)), (plan.Answer.Dense ?? "", dense),
            // where each token has an answer there is no layer before the last one, and it has that layer's place
            (dense is null ? plan.Answer.Classifier.Split('.')[0] : plan.Answer.Classifier, classifier),
            (plan.Tokens.Dense, tokens?.Dense), (plan.Tokens.Norm, tokens?.Norm), (plan.Tokens.Bias, tokens?.Bias), ("pooling", pooling), ("dropout", dropout), ("tokens_activation", tokens?.Activation),
        ]);
        Start(config.InitializerRange);
    }

    /// <summary>Does nothing: the parts have their names, which are not those of the fields.</summary>
    protected override void RegisterComponents() { }

    /// <returns>[N, outputs], [N, width], [N, steps, outputs], or [asked, tokens].</returns>
    public override Tensor forward(ModelInput rows)
    {
        using var scope = NewDisposeScope();
        var hidden = Encode(rows);                                                              // [N, steps, width]
        if (tokens is not null)
            return PredictTokens(rows.TakeAsked(hidden)).MoveToOuterDisposeScope();
        var read = rows.Columns[0];
        if (pooling is null)
            return read.BlankPadding(classifier!.call(dropout.call(hidden))).MoveToOuterDisposeScope();
        var known = pooling.call(hidden, read);                                                 // [N, width]
        if (classifier is null)
            return known.MoveToOuterDisposeScope();
        if (dense is not null)
            known = denseActivation.call(dense.call(plan.Answer.DropsFirst ? dropout.call(known) : known));
        return classifier.call(dropout.call(known)).MoveToOuterDisposeScope();
    }

    public override Tensor Encode(ModelInput rows, List<Tensor>? states = null)
    {
        using var scope = NewDisposeScope();
        var read = rows.Columns[0];
        var mask = read.Mask();                                                                 // [N, steps]
        var x = embeddings.call(read);
        states?.Add(x.DetachFromDisposeScope());
        foreach (var layer in layers)
        {
            x = layer.call(x, mask);
            states?.Add(x.DetachFromDisposeScope());
        }
        return x.alias().MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput rows)
    {
        if (tokens is not null)
            throw new NotSupportedException($"A {GetName()} that says hidden tokens has no portable form: it starts others, which have one.");
        var read = rows.Columns[0];
        var x = graph.Call(embeddings, read);
        var sight = new GraphSight(graph, read with { Values = x });
        foreach (var layer in layers)
            x = graph.Within(layer, () => layer.Export(graph, x, sight));
        var hidden = read with { Values = x };
        if (pooling is null)
            return hidden.BlankPadding(graph, graph.Call(classifier!, x), outputs);
        var known = graph.Call(pooling, hidden);                                                // [N, width]
        if (dense is not null)
            known = graph.Call(denseActivation, graph.Call(dense, known));
        return classifier is null ? known : graph.Call(classifier, known);
    }

    // the vectors may be more than the tokens that there are
    public override Tensor PredictTokens(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return (tokens?.call(hidden, embeddings.Vectors) ?? throw NoTokenHead(GetName())).narrow(-1, 0, outputs).MoveToOuterDisposeScope();
    }

    // as the published networks began: all but norms by one normal distribution
    private void Start(double standardDeviation)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var module in modules())
            switch (module)
            {
                case Linear linear:
                    init.normal_(linear.weight!, 0, standardDeviation);
                    if (linear.bias is not null)
                        init.zeros_(linear.bias);
                    break;
                case Embedding embedding:
                    init.normal_(embedding.weight!, 0, standardDeviation);
                    break;
            }
    }
}
