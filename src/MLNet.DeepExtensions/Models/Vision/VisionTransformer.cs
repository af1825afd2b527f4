using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// The vision transformer (Dosovitskiy et al. 2020, "An image is worth 16x16 words"), with torchvision's names and shapes: <c>class_token</c>, <c>conv_proj</c>,
/// <c>encoder.pos_embedding</c>, <c>encoder.layers.encoder_layer_0.ln_1</c>, … , <c>heads.head</c>. The defaults are ViT-B/16: 86 million parameters.
/// From scratch it needs far more pictures than a convolutional network; start from pretrained weights.
/// </summary>
[ConfigName("vision-transformer")]
public sealed record VisionTransformer : ModelConfig, IValidatableObject
{
    /// <summary>Gets the side of the squares that the picture is cut into, in pixels; it divides the picture's height and width.</summary>
    /// <value>In [1, 64]. The default is 16.</value>
    [Range(1, 64)]
    public int PatchSize { get; init; } = 16;

    /// <summary>Gets the number of layers.</summary>
    /// <value>In [1, 100]. The default is 12.</value>
    [Range(1, 100)]
    public int Layers { get; init; } = 12;

    /// <summary>Gets the number of attention heads; it divides <see cref="HiddenSize"/>.</summary>
    /// <value>In [1, 128]. The default is 12.</value>
    [Range(1, 128)]
    public int Heads { get; init; } = 12;

    /// <summary>Gets the width of a patch's features.</summary>
    /// <value>In [1, 8192]. The default is 768.</value>
    [Range(1, 8192)]
    public int HiddenSize { get; init; } = 768;

    /// <summary>Gets the width inside a layer's two-layer perceptron.</summary>
    /// <value>In [1, 32768]. The default is 3072.</value>
    [Range(1, 32_768)]
    public int MlpSize { get; init; } = 3072;

    /// <summary>Gets the probability of zeroing an activation while training.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<IReadOnlyList<string>> LayersFromInput => [["class_token", "conv_proj", "encoder.pos_embedding"], .. Enumerable.Range(0, Layers).Select(i => (IReadOnlyList<string>)[$"encoder.layers.encoder_layer_{i}"])];

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "heads.head";

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var image = ImageInput.Require(input, nameof(VisionTransformer), PatchSize);
        return image.Height % PatchSize == 0 && image.Width % PatchSize == 0 ? new Network(this, image, outputs, device) : throw new ArgumentException(
            $"VisionTransformer cuts pictures into squares of {PatchSize} pixels, but they have {image.Height} × {image.Width}. Resize them to multiples of {PatchSize}, or set PatchSize.", nameof(input));
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HiddenSize % Heads != 0)
            yield return new ValidationResult($"HiddenSize = {HiddenSize} must be a multiple of Heads = {Heads}.");
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() =>
        (this with { PatchSize = 4, Layers = 2, Heads = 2, HiddenSize = 16, MlpSize = 32 }, new ImageShape(8, 8, 3), 3);

    private sealed class Network : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Parameter class_token;
        private readonly Conv2d conv_proj;
        private readonly Encoder encoder;
        private readonly Sequential heads;

        public Network(VisionTransformer config, ImageShape image, int outputs, Device? device) : base(nameof(VisionTransformer))
        {
            var patches = (image.Height / config.PatchSize) * (image.Width / config.PatchSize);
            class_token = Parameter(zeros(1, 1, config.HiddenSize, device: device));
            conv_proj = Conv2d(image.Channels, config.HiddenSize, config.PatchSize, stride: config.PatchSize, device: device);
            init.trunc_normal_(conv_proj.weight!, std: Math.Sqrt(1.0 / (image.Channels * config.PatchSize * config.PatchSize)));
            init.zeros_(conv_proj.bias!);
            encoder = new Encoder(config, patches + 1, device);
            var head = Linear(config.HiddenSize, outputs, device: device);
            // zeros, as torchvision, would give no gradient to what lies before it in the first step; a little is enough
            init.normal_(head.weight!, 0, 0.01);
            init.zeros_(head.bias!);
            heads = Sequential(("head", head));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = conv_proj.call(input).flatten(2).transpose(1, 2);                   // [N, patches, hidden]
            x = cat([class_token.expand(x.shape[0], -1, -1), x], 1);                    // [N, 1 + patches, hidden]
            return heads.call(encoder.call(x).select(1, 0)).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var patches = graph.Call(conv_proj, input);                                 // [N, hidden, H / patch, W / patch]
            var x = patches.Flatten(2).Permute(0, 2, 1);                                // [N, patches, hidden]
            x = GraphValue.Cat([graph.Weight(class_token).ExpandRows(x, 1, 1), x], 1);  // [N, 1 + patches, hidden]
            return graph.Call(heads, graph.Call(encoder, x).Select(1, 0));
        }
    }

    private sealed class Encoder : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Parameter pos_embedding;
        private readonly SeededDropout dropout;
        private readonly Sequential layers;
        private readonly LayerNorm ln;

        public Encoder(VisionTransformer config, int length, Device? device) : base(nameof(Encoder))
        {
            pos_embedding = Parameter(init.normal_(empty(1, length, config.HiddenSize, device: device), 0, 0.02));
            dropout = new SeededDropout(config.Dropout);
            layers = Sequential([.. Enumerable.Range(0, config.Layers).Select(i => ($"encoder_layer_{i}", (Module<Tensor, Tensor>)new EncoderLayer(config, device)))]);
            ln = LayerNorm(config.HiddenSize, eps: 1e-6, device: device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return ln.call(layers.call(dropout.call(input + pos_embedding))).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input) => graph.Call(ln, graph.Call(layers, input.Values + graph.Weight(pos_embedding)));
    }

    private sealed class EncoderLayer : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly LayerNorm ln_1;
        private readonly SelfAttention self_attention;
        private readonly SeededDropout dropout;
        private readonly LayerNorm ln_2;
        private readonly Sequential mlp;

        public EncoderLayer(VisionTransformer config, Device? device) : base(nameof(EncoderLayer))
        {
            ln_1 = LayerNorm(config.HiddenSize, eps: 1e-6, device: device);
            self_attention = new SelfAttention(config.HiddenSize, config.Heads, dropout: 0, device);
            dropout = new SeededDropout(config.Dropout);
            ln_2 = LayerNorm(config.HiddenSize, eps: 1e-6, device: device);
            mlp = ConvLayers.Numbered(Wide(config.HiddenSize, config.MlpSize, device), GELU(), new SeededDropout(config.Dropout), Wide(config.MlpSize, config.HiddenSize, device), new SeededDropout(config.Dropout));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = dropout.call(self_attention.call(ln_1.call(input), null, null)) + input;        // [N, length, hidden]
            return (mlp.call(ln_2.call(x)) + x).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var x = self_attention.Export(graph, graph.Call(ln_1, input), GraphSight.Everything) + input.Values;
            return graph.Call(mlp, graph.Call(ln_2, x)) + x;
        }

        private static Linear Wide(int from, int to, Device? device)
        {
            var linear = Linear(from, to, device: device);
            init.xavier_uniform_(linear.weight!);
            init.normal_(linear.bias!, 0, 1e-6);
            return linear;
        }
    }
}
