using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// A Transformer that reads (Vaswani et al. 2017, the encoder; Devlin et al. 2018): every step looks at every step, in several layers; the steps are made one answer (<see cref="Pooling"/>).
/// Takes a column of text, of categories (<see cref="IdsShape"/>) or of sequences (<see cref="SequenceShape"/>), of any length, or several that are read step by step together. Padding never changes what is said of a row.
/// The defaults suit some thousand short texts without weights from elsewhere: 0.4 million parameters beside the tokens' vectors.
/// Parameters are named <c>input.embeddings.0.weight</c>, <c>positions.weight</c>, then as PyTorch's TransformerEncoder <c>layers.0.self_attn.in_proj_weight</c>, … , <c>norm.weight</c>, and <c>fc.weight</c>.
/// </summary>
[ConfigName("transformer-encoder")]
public sealed record TransformerEncoder : ModelConfig, IValidatableObject
{
    /// <summary>Gets the number of layers.</summary>
    /// <value>In [1, 100]. The default is 2.</value>
    [Range(1, 100)]
    public int Layers { get; init; } = 2;

    /// <summary>Gets the number of attention heads.</summary>
    /// <value>In [1, 256]. The default is 4.</value>
    [Range(1, 256)]
    public int Heads { get; init; } = 4;

    /// <summary>Gets the width of a step within the network.</summary>
    /// <value>In [1, 16384], a multiple of <see cref="Heads"/>. The default is 128.</value>
    [Range(1, 16_384)]
    public int HiddenSize { get; init; } = 128;

    /// <summary>Gets the width inside a layer's two fully connected layers.</summary>
    /// <value>In [1, 65,536]. The default is 512.</value>
    [Range(1, 65_536)]
    public int FeedForwardSize { get; init; } = 512;

    /// <summary>Gets the probability of zeroing an activation or an attention weight while training.</summary>
    /// <value>In [0, 1). The default is 0.1.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Gets the probability of not seeing a step at all while training (Iyyer et al. 2015, "word dropout"; the others are scaled by 1 / (1 - p)): the most effective means against learning small sets of texts by heart.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double StepDropout { get; init; }

    /// <summary>Gets the function between a layer's two fully connected layers.</summary>
    /// <value>The default is GELU.</value>
    [EnumDataType(typeof(Activation))]
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>Gets whether a layer normalises what goes into its parts (Xiong et al. 2020), with one more norm behind the last layer, or what comes out of them, as in the first paper.</summary>
    /// <value>The default is true: it learns without a warm-up.</value>
    public bool NormFirst { get; init; } = true;

    /// <summary>Gets how the network knows where a step stands.</summary>
    /// <value>The default is a learnt vector for each place.</value>
    [EnumDataType(typeof(Positions))]
    public Positions Positions { get; init; } = Positions.Learned;

    /// <summary>Gets how many steps are read at most: texts are cut there, longer rows of other columns are an error where positions are learnt.</summary>
    /// <value>In [2, 65,536]. The default is 512.</value>
    [Range(2, 65_536)]
    public int MaxTokens { get; init; } = 512;

    /// <summary>Gets how the steps are made one answer.</summary>
    /// <value>The default is their mean.</value>
    [EnumDataType(typeof(Pooling))]
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>Gets what the network answers with.</summary>
    /// <value>The default is what the task asks for.</value>
    [EnumDataType(typeof(EncoderHead))]
    public EncoderHead Head { get; init; }

    /// <summary>Gets how a column of text is cut into tokens, unless the column itself says it.</summary>
    /// <value>The default, null, takes <see cref="Characters"/>, learnt from the training rows.</value>
    [JsonIgnore]
    public TextTokenizer? Tokenizer { get; init; }

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => Head switch { EncoderHead.Outputs => "fc", EncoderHead.Tokens => "tokens", _ => "" };

    internal override TextTokenizer? TokenizerFor(string column) => Tokenizer ?? new Characters();

    internal override ModelConfig WithTokenHead() => this with { Head = EncoderHead.Tokens };

    internal override (ModelConfig Model, int Width)? WithoutHead(Pooling pooling) => (this with { Head = EncoderHead.None, Pooling = pooling }, HiddenSize);

    /// <inheritdoc/>
    protected internal override IReadOnlyList<IReadOnlyList<string>> LayersFromInput => [["input", "project", "positions"], .. Enumerable.Range(0, Layers).Select(i => (IReadOnlyList<string>)[$"layers.{i}"])];

    internal override int MaxTokensFor(string column) => MaxTokens;

    /// <inheritdoc/>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var read = new StepInput(input, nameof(TransformerEncoder), HiddenSize, device);
        if (Positions == Positions.Learned && input.Dimensions is [var steps, ..] && steps > MaxTokens)
            throw new ArgumentException($"{nameof(TransformerEncoder)} learns {MaxTokens:N0} positions, but a row has {steps:N0} steps. Set {nameof(MaxTokens)} = {steps}, or take {nameof(Positions)}.{nameof(Positions.Rotary)}.", nameof(input));
        if (Head == EncoderHead.Tokens && (input as IdsShape)?.Categories != outputs)
            throw new ArgumentException($"A head of tokens says which of the column's own tokens stands where, but an example is {input} and there are {outputs} outputs. Give it one column of text.", nameof(input));
        if (Head == EncoderHead.None && outputs != HiddenSize)
            throw new ArgumentException($"Without a head the answer is a vector of HiddenSize = {HiddenSize} numbers, but the task asks for {outputs}. Set {nameof(HiddenSize)}, or leave {nameof(Head)} out.", nameof(outputs));
        return new TransformerNetwork(this, read, outputs, device);
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HiddenSize % Heads != 0)
            yield return new ValidationResult($"HiddenSize = {HiddenSize} must be a multiple of Heads = {Heads}.");
        else if (Positions == Positions.Rotary && HiddenSize / Heads % 2 != 0)
            yield return new ValidationResult($"Rotary positions turn pairs of numbers, but a head has HiddenSize / Heads = {HiddenSize / Heads} of them: an odd number.");
        if (Head == EncoderHead.None && Pooling == Pooling.None)
            yield return new ValidationResult("without a head the answer is one vector for each row: set Pooling to another than None.");
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() =>
        (this with { Layers = 2, Heads = 2, HiddenSize = 16, FeedForwardSize = 32, Dropout = 0, MaxTokens = 16 }, new SequenceShape(4), 3);
}
