using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// A Transformer over pieces of each channel's history, which are its words; all channels share it, and none sees the others: PatchTST (Nie et al. 2023, "A time series is worth 64 words").
/// Here layers are normalised by layer norm before attention and before the feed-forward part, and attention scores are not carried from layer to layer; the paper uses batch norm behind them.
/// </summary>
[ConfigName("patch-transformer")]
public sealed record PatchTransformer : ModelConfig, IValidatableObject
{
    /// <summary>Gets the steps of a piece.</summary>
    /// <value>Between 1 and 4,096. The default is 16.</value>
    [Range(1, 4096)]
    public int PatchLength { get; init; } = 16;

    /// <summary>Gets the steps from one piece's beginning to the next one's. The history is continued by as many of its last value.</summary>
    /// <value>Between 1 and <see cref="PatchLength"/>. The default is 8.</value>
    [Range(1, 4096)]
    public int Stride { get; init; } = 8;

    /// <summary>Gets the number of layers.</summary>
    /// <value>Between 1 and 100. The default is 3.</value>
    [Range(1, 100)]
    public int Layers { get; init; } = 3;

    /// <summary>Gets the number of attention heads.</summary>
    /// <value>Between 1 and 256. The default is 4.</value>
    [Range(1, 256)]
    public int Heads { get; init; } = 4;

    /// <summary>Gets the width of a piece within the network.</summary>
    /// <value>Between 1 and 65,536, a multiple of <see cref="Heads"/>. The default is 16, the paper's for small sets.</value>
    [Range(1, 65_536)]
    public int HiddenSize { get; init; } = 16;

    /// <summary>Gets the width of the feed-forward parts.</summary>
    /// <value>Between 1 and 65,536. The default is 128.</value>
    [Range(1, 65_536)]
    public int FeedForwardSize { get; init; } = 128;

    /// <summary>Gets the probability of zeroing what a part of a layer adds, while training.</summary>
    /// <value>In [0, 1). The default is 0.3.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.3;

    /// <summary>Gets the probability of zeroing what the last layer sees, while training.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double HeadDropout { get; init; }

    /// <summary>Gets whether each history is scaled to mean 0 and standard deviation 1, and the forecast back: reversible instance normalisation (Kim et al. 2022), without its affine map.</summary>
    /// <value>The default is true, as in the paper.</value>
    public bool NormalizeInstances { get; init; } = true;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<IReadOnlyList<string>> LayersFromInput => [["W_P", "W_pos"], .. Enumerable.Range(0, Layers).Select(i => (IReadOnlyList<string>)[$"layers.{i}"])];

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var history = HistoryInput.Require(input, outputs, nameof(PatchTransformer));
        return history.Window >= PatchLength ? new Network(this, history, device) : throw new ArgumentException(
            $"{nameof(PatchTransformer)} cuts pieces of {PatchLength} steps, but the history has {history.Window}. Take a longer Window or a shorter PatchLength.", nameof(input));
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HiddenSize % Heads != 0)
            yield return new ValidationResult($"HiddenSize = {HiddenSize} must be a multiple of Heads = {Heads}.");
        if (Stride > PatchLength)
            yield return new ValidationResult($"Stride = {Stride} must not exceed PatchLength = {PatchLength}, or steps would be left out.");
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() =>
        (this with { PatchLength = 4, Stride = 2, Layers = 2, Heads = 2, HiddenSize = 8, FeedForwardSize = 16, Dropout = 0 }, new SequenceShape(2, 16), 6);

    private sealed class Network : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Linear W_P;
        private readonly Parameter W_pos;
        private readonly SeededDropout dropout;
        private readonly Sequential layers;
        private readonly LayerNorm norm;
        private readonly SeededDropout head_dropout;
        private readonly Linear head;
        private readonly PatchTransformer config;
        private readonly HistoryInput shape;
        private readonly int patches;

        public Network(PatchTransformer config, HistoryInput input, Device? device) : base(nameof(PatchTransformer))
        {
            (this.config, shape) = (config, input);
            patches = (input.Window - config.PatchLength) / config.Stride + 2;
            W_P = Linear(config.PatchLength, config.HiddenSize, device: device);
            W_pos = Parameter(init.uniform_(empty(patches, config.HiddenSize, device: device), -0.02, 0.02));
            dropout = new SeededDropout(config.Dropout);
            layers = Sequential([.. Enumerable.Range(0, config.Layers).Select(i => ($"{i}", (Module<Tensor, Tensor>)new PatchLayer(config, device)))]);
            norm = LayerNorm(config.HiddenSize, device: device);
            head_dropout = new SeededDropout(config.HeadDropout);
            head = Linear(patches * config.HiddenSize, input.Outputs, device: device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var history = input.transpose(1, 2);                                        // [N, channels, window]
            var scale = config.NormalizeInstances ? new InstanceScale(history) : null;
            history = scale?.Apply(history) ?? history;
            var last = history.narrow(2, history.shape[2] - 1, 1);
            var pieces = cat([history, last.expand(-1, -1, config.Stride)], 2).unfold(2, config.PatchLength, config.Stride);       // [N, channels, patches, patch]
            var x = dropout.call(W_P.call(pieces) + W_pos).flatten(0, 1);               // [N × channels, patches, hidden]
            x = norm.call(layers.call(x)).flatten(1);                                   // [N × channels, patches × hidden]
            var forecast = head.call(head_dropout.call(x)).view(history.shape[0], history.shape[1], -1);
            return (scale?.Undo(forecast) ?? forecast).flatten(1).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var history = input.Values.Permute(0, 2, 1);                                // [N, channels, window]
            var scale = config.NormalizeInstances ? new InstanceScale.InGraph(graph, history) : null;
            history = scale?.Applied ?? history;
            var longer = GraphValue.Cat([history, history.Slice(2, -1).Expand(1, 1, config.Stride)], 2);
            var places = Enumerable.Range(0, patches).SelectMany(patch => Enumerable.Range(0, config.PatchLength).Select(step => (long)patch * config.Stride + step));
            var pieces = graph.Node("Gather", [longer, graph.Constant([.. places])], ("axis", 2)).Reshape(0, 0, patches, config.PatchLength);
            var x = (graph.Call(W_P, pieces) + graph.Weight(W_pos)).Reshape(-1, patches, config.HiddenSize);    // [N × channels, patches, hidden]
            x = graph.Call(norm, graph.Call(layers, x)).Flatten();                      // [N × channels, patches × hidden]
            var forecast = graph.Call(head, x).Reshape(-1, shape.Channels, shape.Outputs);
            return (scale?.Undo(forecast) ?? forecast).Flatten();
        }
    }

    /// <summary>A layer; the names are those of PyTorch's TransformerEncoderLayer.</summary>
    private sealed class PatchLayer : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly SelfAttention self_attn;
        private readonly Linear linear1;
        private readonly Linear linear2;
        private readonly LayerNorm norm1;
        private readonly LayerNorm norm2;
        private readonly SeededDropout dropout;

        public PatchLayer(PatchTransformer config, Device? device) : base(nameof(PatchLayer))
        {
            self_attn = new SelfAttention(config.HiddenSize, config.Heads, dropout: 0, device);
            linear1 = Linear(config.HiddenSize, config.FeedForwardSize, device: device);
            linear2 = Linear(config.FeedForwardSize, config.HiddenSize, device: device);
            norm1 = LayerNorm(config.HiddenSize, device: device);
            norm2 = LayerNorm(config.HiddenSize, device: device);
            dropout = new SeededDropout(config.Dropout);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = input + dropout.call(self_attn.call(norm1.call(input), null, null));            // [N × channels, patches, hidden]
            var wide = dropout.call(functional.gelu(linear1.call(norm2.call(x))));
            return (x + dropout.call(linear2.call(wide))).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var x = input.Values + self_attn.Export(graph, graph.Call(norm1, input), GraphSight.Everything);
            var wide = graph.Node("Gelu", [graph.Call(linear1, graph.Call(norm2, x))]);
            return x + graph.Call(linear2, wide);
        }
    }
}
