using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// What <see cref="Bert"/>, <see cref="Roberta"/> and <see cref="DistilBert"/> share: Transformers that read a column of text, with the settings of Hugging Face's <c>config.json</c>, its names and its weights.
/// <see cref="PretrainedModel.FromFolder(string, TextTokenizer?)"/> makes one of a folder. A column of ids (<see cref="IdsShape"/>) is read, too. Padding never changes what is said of a row.
/// </summary>
public abstract record PublishedEncoder : ModelConfig, IValidatableObject
{
    private protected PublishedEncoder() { }

    /// <summary>Gets how many tokens have a vector; those of the tokenizer must be among them.</summary>
    /// <value>In [1, 10,000,000]. The default, null, is as many as the column has.</value>
    [Range(1, 10_000_000)]
    public int? VocabSize { get; init; }

    /// <summary>Gets how many places have a vector.</summary>
    /// <value>In [2, 65,536].</value>
    [Range(2, 65_536)]
    public abstract int MaxPositionEmbeddings { get; init; }

    /// <summary>Gets the token that fills rows up. Here lengths say what is padding; RoBERTa counts its places from behind this number.</summary>
    /// <value>In [0, 10,000,000].</value>
    [Range(0, 10_000_000)]
    public abstract int PadTokenId { get; init; }

    /// <summary>Gets the standard deviation of weights at the start.</summary>
    /// <value>In [0, 1]. The default is 0.02.</value>
    [Range(0.0, 1.0)]
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Gets how the steps are made one answer.</summary>
    /// <value>The default is the first token's, through the layer that the published network has for it. <see cref="Pooling.Mean"/> is usual for embeddings, <see cref="Pooling.None"/> answers at each token.</value>
    [EnumDataType(typeof(Pooling))]
    public Pooling Pooling { get; init; } = Pooling.First;

    /// <summary>Gets what the network answers with.</summary>
    /// <value>The default is what the task asks for. With <see cref="EncoderHead.None"/> and <see cref="Pooling.First"/> it is the first token's state in the last layer.</value>
    [EnumDataType(typeof(EncoderHead))]
    public EncoderHead Head { get; init; }

    /// <summary>Gets how a column of text is cut into tokens, unless the column itself says it. In a saved model it stands with the column.</summary>
    /// <value>The default, null, learns <see cref="WordPiece"/> from the training rows.</value>
    [JsonIgnore]
    public TextTokenizer? Tokenizer { get; init; }

    /// <summary>Sizes, and names in the files.</summary>
    internal abstract PublishedPlan Plan { get; }

    internal override bool IsTrunk(string name) => name.StartsWith(Plan.Embeddings + ".", StringComparison.Ordinal) || name.StartsWith(Plan.Layers + ".", StringComparison.Ordinal);

    internal override TextTokenizer? TokenizerFor(string column) => Tokenizer ?? new WordPiece();

    internal override ModelConfig WithTokenHead() => this with { Head = EncoderHead.Tokens };

    internal override (ModelConfig Model, int Width)? WithoutHead(Pooling pooling) => (this with { Head = EncoderHead.None, Pooling = pooling }, Plan.Width);

    /// <inheritdoc/>
    protected internal override IReadOnlyList<IReadOnlyList<string>> LayersFromInput => [[Plan.Embeddings], .. Enumerable.Range(0, Plan.LayerCount).Select(i => (IReadOnlyList<string>)[$"{Plan.Layers}.{i}"])];

    // those of the paper (Hu et al. 2021, section 4.2)
    /// <inheritdoc/>
    protected internal override IReadOnlyList<string> AdapterTargets => [$"*.{Plan.Names.Query}", $"*.{Plan.Names.Value}"];

    internal override int MaxTokensFor(string column) => MaxPositionEmbeddings;

    internal override PublishedFiles? Published => Files;

    internal PublishedFiles? Files { get; init; }

    /// <inheritdoc/>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        var (name, plan) = (GetType().Name, Plan);
        if (input is not IdsShape ids)
            throw new ArgumentException($"{name} reads one column of text, or of its tokens' numbers, but an example is {input}. Name the column of text: featureColumnName: \"Text\"" +
                (input is ColumnsShape ? $"; what stands beside it goes into new {nameof(Fusion)} {{ Encoders = [new(\"Text\", …)] }}." : "."), nameof(input));
        if (ids.Categories > (VocabSize ?? ids.Categories))
            throw new ArgumentException($"The column has {ids.Categories:N0} tokens, but {name} has vectors for VocabSize = {VocabSize:N0}. Take the tokenizer that belongs to the network" +
                (Tokenizer is null ? ": PretrainedModel.FromFolder(folder) brings it along." : "."), nameof(input));
        if (ids.Length > MaxTokensFor(""))
            throw new ArgumentException($"{name} reads {MaxTokensFor("")} tokens at most, but a row has {ids.Length}. Cut the rows.", nameof(input));
        if (Head == EncoderHead.Tokens && outputs > (VocabSize ?? ids.Categories))
            throw new ArgumentException($"A head of tokens has an output for each of {VocabSize ?? ids.Categories:N0} tokens, but {outputs:N0} are asked for.", nameof(outputs));
        if (Head == EncoderHead.None && outputs != plan.Width)
            throw new ArgumentException($"Without a head the answer is a vector of {plan.Width} numbers, but the task asks for {outputs}. Ask for {plan.Width}, or leave {nameof(Head)} out.", nameof(outputs));
        return new PublishedNetwork(this, plan, ids, outputs, device);
    }

    /// <inheritdoc/>
    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Plan is { Heads: > 0 } plan && plan.Width % plan.Heads != 0)
            yield return new ValidationResult($"the width {plan.Width} must be a multiple of the {plan.Heads} heads.");
        if (Head == EncoderHead.None && Pooling == Pooling.None)
            yield return new ValidationResult("without a head the answer is one vector for each row: set Pooling to another than None.");
    }
}
