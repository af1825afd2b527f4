using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Attention, then two fully connected layers, each added to what came in and normalised, before or behind. The names are those of PyTorch's TransformerEncoderLayer.</summary>
internal sealed class TransformerLayer : Module<Tensor, Tensor?, RotaryPositions?, Tensor>
{
    private readonly SelfAttention self_attn;
    private readonly Linear linear1;
    private readonly Linear linear2;
    private readonly LayerNorm norm1;
    private readonly LayerNorm norm2;
    private readonly Module<Tensor, Tensor> activation;
    private readonly SeededDropout dropout;
    private readonly bool normFirst;

    public TransformerLayer(TransformerEncoder config, Device? device) : base(nameof(TransformerLayer))
    {
        self_attn = new SelfAttention(config.HiddenSize, config.Heads, config.Dropout, device);
        linear1 = Linear(config.HiddenSize, config.FeedForwardSize, device: device);
        linear2 = Linear(config.FeedForwardSize, config.HiddenSize, device: device);
        norm1 = LayerNorm(config.HiddenSize, device: device);
        norm2 = LayerNorm(config.HiddenSize, device: device);
        activation = config.Activation.Build();
        dropout = new SeededDropout(config.Dropout);
        normFirst = config.NormFirst;
        RegisterComponents();
    }

    /// <param name="input">[N, steps, width].</param>
    /// <param name="mask">[N, steps], true where there is a step; null where all are.</param>
    /// <param name="rotary">Turns queries and keys; null where places are known from the input.</param>
    /// <returns>[N, steps, width].</returns>
    public override Tensor forward(Tensor input, Tensor? mask, RotaryPositions? rotary)
    {
        using var scope = NewDisposeScope();
        if (normFirst)
        {
            var x = input + dropout.call(self_attn.call(norm1.call(input), mask, rotary));
            return (x + Wide(norm2.call(x))).MoveToOuterDisposeScope();
        }
        var y = norm1.call(input + dropout.call(self_attn.call(input, mask, rotary)));
        return norm2.call(y + Wide(y)).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphValue input, GraphSight sight)
    {
        GraphValue Wide(GraphValue x) => graph.Call(linear2, graph.Call(activation, graph.Call(linear1, x)));
        if (normFirst)
        {
            var x = input + self_attn.Export(graph, graph.Call(norm1, input), sight);
            return x + Wide(graph.Call(norm2, x));
        }
        var y = graph.Call(norm1, input + self_attn.Export(graph, input, sight));
        return graph.Call(norm2, y + Wide(y));
    }

    private Tensor Wide(Tensor x) => dropout.call(linear2.call(dropout.call(activation.call(linear1.call(x)))));
}
