using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>What is read at a step, and where it stands, goes through layers that see all steps; then a head.</summary>
internal sealed class TransformerNetwork : EncoderNetwork, IOnnxExportable
{
    // of vectors that are added to each other (Devlin et al. 2018)
    private const double StandardDeviation = 0.02;

    private readonly StepInput input;
    private readonly Linear? project;
    private readonly Embedding? positions;
    private readonly ModuleList<TransformerLayer> layers = [];
    private readonly LayerNorm? norm;
    private readonly StepPooling? pooling;
    private readonly SeededDropout dropout;
    private readonly Linear? fc;
    private readonly TokenHead? tokens;
    private readonly TransformerEncoder config;

    public TransformerNetwork(TransformerEncoder config, StepInput input, int outputs, Device? device) : base(nameof(TransformerEncoder))
    {
        (this.config, this.input) = (config, input);
        foreach (var embedding in input.Embeddings)
            StartEmbedding(embedding);
        // the vectors of one column of categories are as wide as the layers
        if (input.OnlyEmbedding is null)
            project = Linear(input.Width, config.HiddenSize, device: device);
        if (config.Positions == Positions.Learned)
        {
            positions = Embedding(config.MaxTokens, config.HiddenSize, device: device);
            init.normal_(positions.weight!, 0, StandardDeviation);
        }
        for (var i = 0; i < config.Layers; i++)
            layers.Add(new TransformerLayer(config, device));
        if (config.NormFirst)
            norm = LayerNorm(config.HiddenSize, device: device);
        if (config.Pooling != Pooling.None && config.Head != EncoderHead.Tokens)
            pooling = new StepPooling(config.Pooling, config.HiddenSize, isBidirectional: false, device);
        dropout = new SeededDropout(config.Dropout);
        if (config.Head == EncoderHead.Outputs)
            fc = Linear(config.HiddenSize, outputs, device: device);
        if (config.Head == EncoderHead.Tokens)
            tokens = new TokenHead(config.HiddenSize, outputs, config.Activation, device);
        RegisterComponents();
    }

    /// <returns>[N, outputs], [N, hidden], [N, steps, outputs], or [asked, tokens].</returns>
    public override Tensor forward(ModelInput rows)
    {
        using var scope = NewDisposeScope();
        var hidden = Encode(rows);                                                  // [N, steps, hidden]
        if (tokens is not null)
            return PredictTokens(rows.TakeAsked(hidden)).MoveToOuterDisposeScope();
        var read = rows.Columns[0];
        if (pooling is null)
            return read.BlankPadding(fc!.call(dropout.call(hidden))).MoveToOuterDisposeScope();
        var known = pooling.call(hidden, read);                                     // [N, hidden]
        return (fc is null ? known : fc.call(dropout.call(known))).MoveToOuterDisposeScope();
    }

    public override Tensor Encode(ModelInput rows, List<Tensor>? states = null)
    {
        using var scope = NewDisposeScope();
        var read = input.call(rows);                                                // [N, steps, numbers]
        var x = project?.call(read.Values) ?? read.Values;                          // [N, steps, hidden]
        if (training && config.StepDropout > 0)
            x = x * functional.dropout(ones(x.shape[0], x.shape[1], 1, device: x.device), config.StepDropout);
        x = dropout.call(config.Positions switch
        {
            Positions.Learned => x + positions!.weight!.narrow(0, 0, Places(x.shape[1])),
            Positions.Sinusoidal => x * Math.Sqrt(config.HiddenSize) + PositionTables.Sinusoidal(x.shape[1], config.HiddenSize, x.device),
            _ => x,
        });
        var mask = read.Mask();                                                     // [N, steps]
        states?.Add(x.DetachFromDisposeScope());
        var rotary = config.Positions == Positions.Rotary ? new RotaryPositions(arange(x.shape[1], device: x.device).unsqueeze(0), config.HiddenSize / config.Heads) : null;
        foreach (var layer in layers)
        {
            x = layer.call(x, mask, rotary);
            states?.Add(x.DetachFromDisposeScope());
        }
        return (norm is null ? x.alias() : norm.call(x)).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput rows)
    {
        if (tokens is not null)
            throw new NotSupportedException($"A {nameof(TransformerEncoder)} that says hidden tokens has no portable form: it starts others, which have one.");
        var read = rows.Columns[0] with { Values = graph.Call(input, rows) };       // [N, steps, numbers]
        var x = project is null ? read.Values : graph.Call(project, read.Values);
        x = config.Positions switch
        {
            Positions.Learned => x + GraphSight.Rows(graph, graph.Weight(positions!.weight!), x),
            Positions.Sinusoidal => x * MathF.Sqrt(config.HiddenSize) + PositionTables.Sinusoidal(graph, x, config.HiddenSize),
            _ => x,
        };
        var sight = new GraphSight(graph, read with { Values = x }, rotaryWidth: config.Positions == Positions.Rotary ? config.HiddenSize / config.Heads : null);
        foreach (var layer in layers)
            x = graph.Within(layer, () => layer.Export(graph, x, sight));
        var hidden = read with { Values = norm is null ? x : graph.Call(norm, x) };
        if (pooling is null)
            return hidden.BlankPadding(graph, graph.Call(fc!, hidden.Values), fc!.out_features);
        return fc is null ? graph.Call(pooling, hidden) : graph.Call(fc, graph.Call(pooling, hidden));
    }

    public override Tensor PredictTokens(Tensor hidden) => tokens?.call(hidden, input.OnlyEmbedding!.weight!) ?? throw NoTokenHead(nameof(TransformerEncoder));

    private long Places(long steps) => steps <= config.MaxTokens ? steps : throw new InvalidOperationException(
        $"A row has {steps:N0} steps, but the {nameof(TransformerEncoder)} learnt {config.MaxTokens:N0} positions ({nameof(TransformerEncoder.MaxTokens)}). Cut the rows, train with more, or take {nameof(Positions)}.{nameof(Positions.Rotary)}.");

    // category 0 stays a vector of zeros
    private static void StartEmbedding(Embedding embedding)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        init.normal_(embedding.weight!, 0, StandardDeviation);
        embedding.weight![0].zero_();
    }
}
