using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>GPT-2's network: its body, and what makes outputs of it. Padding stands behind a row's tokens, which look back only: nobody needs a mask.</summary>
internal sealed class GptNetwork : Module<ModelInput, Tensor>, IOnnxExportable
{
    private readonly GptBody transformer;
    private readonly Linear? lm_head;
    private readonly Linear? score;
    private readonly StepPooling? pool;
    private readonly int outputs;

    public GptNetwork(Gpt config, int tokens, int outputs, Device? device) : base(nameof(Gpt))
    {
        (Config, this.outputs) = (config, outputs);
        transformer = new GptBody(config, config.VocabSize ?? tokens, device);
        var isPerStep = config.Pooling == Pooling.None;
        if (!isPerStep)
            pool = new StepPooling(config.Pooling, config.HiddenSize, isBidirectional: false, device);
        if (!isPerStep || outputs != tokens)
            score = Head(config, outputs, device);
        else if (!config.TieEmbeddings)
            lm_head = Head(config, config.VocabSize ?? tokens, device);
        RegisterComponents();
    }

    public Gpt Config { get; }

    public override Tensor forward(ModelInput input)
    {
        using var scope = NewDisposeScope();
        var steps = transformer.call(input.Values, null);                                   // [N, steps, hidden]
        if (pool is not null)
            return score!.call(pool.call(steps, input.Columns[0])).MoveToOuterDisposeScope();
        return (score is null ? Outputs(steps) : input.Columns[0].BlankPadding(score.call(steps))).MoveToOuterDisposeScope();
    }

    /// <summary>Reads the tokens that follow those that a cache has seen, and says what may follow the last one.</summary>
    /// <param name="ids">[N, steps].</param>
    /// <param name="cache">Has seen the N rows so far, and is given these steps.</param>
    /// <returns>[N, tokens].</returns>
    public Tensor Continue(Tensor ids, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        return Outputs(transformer.call(ids, cache).select(1, -1)).MoveToOuterDisposeScope();
    }

    /// <summary>Says what may follow the last token of each row, without having read any before.</summary>
    /// <param name="ids">[N, steps], with lengths.</param>
    /// <returns>[N, tokens].</returns>
    public Tensor AtEnds(InputTensor ids)
    {
        using var scope = NewDisposeScope();
        var steps = transformer.call(ids.Values, null);                                     // [N, steps, hidden]
        var ends = (ids.Lengths! - 1).view(-1, 1, 1).expand(-1, 1, steps.shape[2]);
        return Outputs(steps.gather(1, ends).squeeze(1)).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var read = input.Columns[0];
        var steps = read with { Values = graph.Call(transformer, read) };
        if (pool is not null)
            return graph.Call(score!, graph.Call(pool, steps));
        return score is not null ? steps.BlankPadding(graph, graph.Call(score, steps.Values), outputs)
            : graph.Linear(steps.Values, lm_head?.weight ?? transformer.Embeddings, null).Slice(2, 0, outputs);
    }

    // a published network may have vectors for more tokens than its tokenizer makes
    private Tensor Outputs(Tensor steps)
    {
        using var scope = NewDisposeScope();
        return functional.linear(steps, (lm_head?.weight ?? transformer.Embeddings).narrow(0, 0, outputs)).MoveToOuterDisposeScope();
    }

    private static Linear Head(Gpt config, int outputs, Device? device)
    {
        var linear = Linear(config.HiddenSize, outputs, hasBias: false, device: device);
        init.normal_(linear.weight!, 0, GptBody.Spread);
        return linear;
    }
}

/// <summary>Embeddings of tokens and positions, the layers, and a last norm: [N, steps] → [N, steps, hidden].</summary>
internal sealed class GptBody : Module<Tensor, KeyValueCache?, Tensor>, IOnnxExportable
{
    /// <summary>The standard deviation of weights before training.</summary>
    public const double Spread = 0.02;

    private readonly Embedding wte;
    private readonly Embedding? wpe;
    private readonly SeededDropout drop;
    private readonly ModuleList<GptBlock> h;
    private readonly LayerNorm ln_f;
    private readonly int context;
    private readonly int headWidth;

    public GptBody(Gpt config, int tokens, Device? device) : base(nameof(GptBody))
    {
        (context, headWidth) = (config.Context, config.HiddenSize / config.Heads);
        wte = Table(tokens, config.HiddenSize, device);
        wpe = config.Positions == Positions.Rotary ? null : Table(config.Context, config.HiddenSize, device);
        drop = new SeededDropout(config.Dropout);
        h = new ModuleList<GptBlock>([.. Enumerable.Range(0, config.Layers).Select(layer => new GptBlock(config, layer, device))]);
        ln_f = LayerNorm(config.HiddenSize, eps: config.NormEpsilon, device: device);
        RegisterComponents();
    }

    public Tensor Embeddings => wte.weight!;

    public override Tensor forward(Tensor ids, KeyValueCache? cache)
    {
        using var scope = NewDisposeScope();
        if ((cache?.Longest ?? 0) + ids.shape[1] > context)
            throw new ArgumentException($"The network sees {context:N0} tokens at most, but there are {(cache?.Longest ?? 0) + ids.shape[1]:N0}. Set {nameof(Gpt)}.{nameof(Gpt.Context)}, or give shorter windows or texts.", nameof(ids));
        var positions = cache?.Positions(ids.shape[1]) ?? arange(ids.shape[1], device: ids.device).unsqueeze(0);   // [N or 1, steps]
        var x = wte.call(ids);
        if (wpe is not null)
            x = x + wpe.call(positions);
        var step = new GptStep(cache, cache?.Mask(ids.shape[1]), wpe is null ? new RotaryPositions(positions, headWidth) : null);
        x = drop.call(x);
        foreach (var block in h)
            x = block.call(x, step);
        cache?.Advance((int)ids.shape[1]);
        return ln_f.call(x).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var x = graph.Call(wte, input.Values);
        if (wpe is not null)
            x += GraphSight.Rows(graph, graph.Weight(wpe.weight!), input.Values);
        // padding stands behind the tokens, which look back only
        var sight = new GraphSight(graph, new GraphColumn("", x), isCausal: true, rotaryWidth: wpe is null ? headWidth : null);
        foreach (var block in h)
            x = graph.Within(block, () => block.Export(graph, x, sight));
        return graph.Call(ln_f, x);
    }

    private static Embedding Table(long rows, long width, Device? device)
    {
        var table = Embedding(rows, width, device: device);
        init.normal_(table.weight!, 0, Spread);
        return table;
    }
}

/// <summary>What the layers of one pass share.</summary>
/// <param name="Cache">What was read before; null where the whole text is there.</param>
/// <param name="Mask">Where there are steps to look at, [N, seen steps]; null where everywhere.</param>
/// <param name="Rotary">Turns queries and keys by their positions; null where positions are embeddings.</param>
internal sealed record GptStep(KeyValueCache? Cache, Tensor? Mask, RotaryPositions? Rotary);

/// <summary>A layer: attention and a two-layer perceptron, each behind a norm and beside what goes past it.</summary>
internal sealed class GptBlock : Module<Tensor, GptStep, Tensor>
{
    private readonly LayerNorm ln_1;
    private readonly GptAttention attn;
    private readonly LayerNorm ln_2;
    private readonly GptPerceptron mlp;

    public GptBlock(Gpt config, int layer, Device? device) : base(nameof(GptBlock))
    {
        ln_1 = LayerNorm(config.HiddenSize, eps: config.NormEpsilon, device: device);
        attn = new GptAttention(config, layer, device);
        ln_2 = LayerNorm(config.HiddenSize, eps: config.NormEpsilon, device: device);
        mlp = new GptPerceptron(config, device);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input, GptStep step)
    {
        using var scope = NewDisposeScope();
        var x = input + attn.call(ln_1.call(input), step);
        return (x + mlp.call(ln_2.call(x))).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphValue input, GraphSight sight)
    {
        var x = input + graph.Within(attn, () => attn.Export(graph, graph.Call(ln_1, input), sight));
        return x + graph.Call(mlp, graph.Call(ln_2, x));
    }
}

internal sealed class GptAttention : Module<Tensor, GptStep, Tensor>
{
    private readonly GptProjection c_attn;
    private readonly GptProjection c_proj;
    private readonly SeededDropout resid_dropout;
    private readonly int heads;
    private readonly int layer;
    private readonly double dropout;

    public GptAttention(Gpt config, int layer, Device? device) : base(nameof(GptAttention))
    {
        (heads, this.layer, dropout) = (config.Heads, layer, config.Dropout);
        c_attn = new GptProjection(config.HiddenSize, 3 * config.HiddenSize, GptBody.Spread, device);
        c_proj = new GptProjection(config.HiddenSize, config.HiddenSize, GptProjection.SpreadBesideOthers(config), device);
        resid_dropout = new SeededDropout(config.Dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input, GptStep step)
    {
        using var scope = NewDisposeScope();
        var (parts, hidden) = (c_attn.call(input), input.shape[2]);                         // [N, steps, 3 hidden]
        var both = Attention.Split(parts.narrow(2, 0, 2 * hidden), 2 * heads);              // queries and keys, [N, 2 heads, steps, width]
        if (step.Rotary is { } rotary)
            both = rotary.Turn(both);
        var (query, key, value) = (both.narrow(1, 0, heads), both.narrow(1, heads, heads), Attention.Split(parts.narrow(2, 2 * hidden, hidden), heads));
        if (step.Cache is { } cache)
            (key, value) = cache.Append(layer, key, value);
        var seen = Attention.Attend(query, key, value, step.Mask, isCausal: true, training ? dropout : 0);
        return resid_dropout.call(c_proj.call(Attention.Merge(seen))).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphValue input, GraphSight sight)
    {
        var parts = graph.Call(c_attn, input).Chunk(3, 2);
        return graph.Call(c_proj, sight.Attend(parts[0], parts[1], parts[2], heads, c_proj.Width));
    }
}

internal sealed class GptPerceptron : Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly GptProjection c_fc;
    private readonly GptProjection c_proj;
    private readonly Module<Tensor, Tensor> act;
    private readonly SeededDropout dropout;

    public GptPerceptron(Gpt config, Device? device) : base(nameof(GptPerceptron))
    {
        c_fc = new GptProjection(config.HiddenSize, config.InnerSize, GptBody.Spread, device);
        c_proj = new GptProjection(config.InnerSize, config.HiddenSize, GptProjection.SpreadBesideOthers(config), device);
        act = config.Activation.Build();
        dropout = new SeededDropout(config.Dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return dropout.call(c_proj.call(act.call(c_fc.call(input)))).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input) => graph.Call(c_proj, graph.Call(act, graph.Call(c_fc, input)));
}

/// <summary>A fully connected layer whose matrix is [in, out], as GPT-2's files have it.</summary>
internal sealed class GptProjection : Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    public GptProjection(long from, long to, double spread, Device? device) : base(nameof(GptProjection))
    {
        weight = Parameter(init.normal_(empty(from, to, device: device), 0, spread));
        bias = Parameter(zeros(to, device: device));
        RegisterComponents();
    }

    /// <summary>The spread of what is added to what goes past, twice in each layer: smaller the more there are, so that the sum keeps its size.</summary>
    public static double SpreadBesideOthers(Gpt config) => GptBody.Spread / Math.Sqrt(2.0 * config.Layers);

    public override Tensor forward(Tensor input)
    {
        using var turned = weight.t();
        return functional.linear(input, turned, bias);
    }

    /// <summary>Gets the numbers that come out.</summary>
    public long Width => bias.shape[0];

    public GraphValue Export(OnnxGraph graph, GraphInput input) => input.Values.Matmul(graph.Weight(weight)) + graph.Weight(bias);
}
