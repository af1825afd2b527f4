using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// The transformer that writes (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"), with Hugging Face's names and shapes: <c>transformer.wte.weight</c>,
/// <c>transformer.h.0.attn.c_attn.weight</c>, … , <c>transformer.ln_f.bias</c>; matrices of layers are [in, out]. The defaults are GPT-2's smallest: 124 million parameters.
/// <see cref="PretrainedModel.FromFolder(string, TextTokenizer?)"/> makes one of a folder. With <see cref="Pooling.None"/> it says of each token which one follows, as <c>mlContext.DeepText().Trainers.CausalLanguageModel</c> needs; with another pooling it judges a whole text.
/// </summary>
[ConfigName("gpt")]
public sealed record Gpt : ModelConfig, IValidatableObject
{
    /// <summary>Gets the number of layers.</summary>
    /// <value>In [1, 200]. The default is 12.</value>
    [Range(1, 200)]
    public int Layers { get; init; } = 12;

    /// <summary>Gets the number of attention heads; it divides <see cref="HiddenSize"/>.</summary>
    /// <value>In [1, 256]. The default is 12.</value>
    [Range(1, 256)]
    public int Heads { get; init; } = 12;

    /// <summary>Gets the width of a token's features.</summary>
    /// <value>In [1, 32768]. The default is 768.</value>
    [Range(1, 32_768)]
    public int HiddenSize { get; init; } = 768;

    /// <summary>Gets the width inside a layer's two-layer perceptron.</summary>
    /// <value>In [1, 131072]. The default, null, is four times <see cref="HiddenSize"/>.</value>
    [Range(1, 131_072)]
    public int? MlpSize { get; init; }

    /// <summary>Gets how many tokens it sees at most.</summary>
    /// <value>In [16, 1048576]. The default is 1024.</value>
    [Range(16, 1 << 20)]
    public int Context { get; init; } = 1024;

    /// <summary>Gets how many tokens have a vector; those of the tokenizer must be among them.</summary>
    /// <value>In [1, 10,000,000]. The default, null, is as many as the column has.</value>
    [Range(1, 10_000_000)]
    public int? VocabSize { get; init; }

    /// <summary>Gets the probability of zeroing, while training, an embedding's number, what a layer adds, or how much a token looks at another.</summary>
    /// <value>In [0, 1). The default is 0.1.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Gets the function inside a layer's two-layer perceptron.</summary>
    /// <value>The default is <see cref="Activation.GeluTanh"/>, as GPT-2 has it (<c>gelu_new</c>).</value>
    [EnumDataType(typeof(Activation))]
    public Activation Activation { get; init; } = Activation.GeluTanh;

    /// <summary>Gets what is added to the variance that layer norm divides by.</summary>
    /// <value>In [1e-12, 0.01]. The default is 1e-5.</value>
    [Range(1e-12, 0.01)]
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Gets how it knows where a token stands: <see cref="Positions.Learned"/>, <c>transformer.wpe.weight</c>, as GPT-2's are, or <see cref="Positions.Rotary"/>.</summary>
    /// <value>The default is <see cref="Positions.Learned"/>.</value>
    [EnumDataType(typeof(Positions))]
    public Positions Positions { get; init; } = Positions.Learned;

    /// <summary>Gets whether the embeddings of tokens are also the weights of the outputs, one for each token; else those are <c>lm_head.weight</c>.</summary>
    /// <value>The default is true.</value>
    public bool TieEmbeddings { get; init; } = true;

    /// <summary>Gets how one answer is made of all tokens: <see cref="Pooling.Last"/> to judge a text.</summary>
    /// <value>The default is <see cref="Pooling.None"/>: an answer for each token.</value>
    [EnumDataType(typeof(Pooling))]
    public Pooling Pooling { get; init; } = Pooling.None;

    /// <summary>Gets how a column of text is cut into tokens, unless the column or the trainer itself says it. In a saved model it stands with the column.</summary>
    /// <value>The default, null, learns <see cref="Characters"/> from the training rows.</value>
    [JsonIgnore]
    public TextTokenizer? Tokenizer { get; init; }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<IReadOnlyList<string>> LayersFromInput => [["transformer.wte", "transformer.wpe"], .. Enumerable.Range(0, Layers).Select(i => (IReadOnlyList<string>)[$"transformer.h.{i}"])];

    internal int InnerSize => MlpSize ?? 4 * HiddenSize;

    internal override int MaxTokensFor(string column) => Context;

    // of the outputs there are as many as tokens, where they are the embeddings
    /// <inheritdoc/>
    protected internal override string? HeadPrefix => Pooling != Pooling.None ? "score" : TieEmbeddings ? "transformer.wte" : "lm_head";

    internal override TextTokenizer? TokenizerFor(string column) => Tokenizer ?? new Characters();

    internal PublishedFiles? Files { get; init; }

    internal override PublishedFiles? Published => Files;

    internal override string? PublishedType => "gpt2";

    internal override bool IsTrunk(string name) => name.StartsWith("transformer.", StringComparison.Ordinal);

    internal override ModelConfig FromPublished(PublishedConfig config, PublishedFiles files, TextTokenizer? tokenizer)
    {
        config.Demand("scale_attn_weights", true);
        config.Demand("scale_attn_by_inverse_layer_idx", false);
        config.Demand("add_cross_attention", false);
        var inner = config.Whole("n_inner", 0);
        return this with
        {
            VocabSize = config.Whole("vocab_size"), HiddenSize = config.Whole("n_embd"), Layers = config.Whole("n_layer"), Heads = config.Whole("n_head"), MlpSize = inner == 0 ? null : inner,
            Context = config.Whole("n_positions"), Activation = config.Activation("activation_function"), NormEpsilon = config.Number("layer_norm_epsilon", NormEpsilon),
            Dropout = config.Number("resid_pdrop", Dropout), TieEmbeddings = config.Flag("tie_word_embeddings", true), Files = files, Tokenizer = tokenizer,
        };
    }

    internal override string? NameOf(string published) => published switch
    {
        // the embeddings once more, or what a network that judges has no use for
        "lm_head.weight" => TieEmbeddings || Pooling != Pooling.None ? null : published,
        // causal masks
        _ when published.EndsWith(".attn.bias", StringComparison.Ordinal) || published.EndsWith(".attn.masked_bias", StringComparison.Ordinal) => null,
        _ when published.Split('.')[0] is "wte" or "wpe" or "h" or "ln_f" => $"transformer.{published}",
        _ => published,
    };

    /// <inheritdoc/>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input is not IdsShape ids)
            throw new ArgumentException($"{nameof(Gpt)} takes one column of text, or of tokens by number, but an example is {input}. Name a column of text, or say how many tokens there are: inputShape: new IdsShape(tokens).", nameof(input));
        if (ids.Categories > (VocabSize ?? ids.Categories))
            throw new ArgumentException($"The column has {ids.Categories:N0} tokens, but {nameof(Gpt)} has vectors for {nameof(VocabSize)} = {VocabSize:N0}. Take the tokenizer that belongs to the network, or leave {nameof(VocabSize)} unset.", nameof(input));
        return new GptNetwork(this, ids.Categories, outputs, device);
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HiddenSize % Heads != 0)
            yield return new ValidationResult($"HiddenSize = {HiddenSize} must be a multiple of Heads = {Heads}.");
        else if (Positions == Positions.Sinusoidal)
            yield return new ValidationResult("Positions = Sinusoidal is no choice of Gpt: take Learned or Rotary.");
        else if (Positions == Positions.Rotary && HiddenSize / Heads % 2 != 0)
            yield return new ValidationResult($"Positions = Rotary turns pairs of numbers, but each head has {HiddenSize / Heads}: choose an even HiddenSize / Heads.");
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() =>
        (this with { Layers = 2, Heads = 2, HiddenSize = 16, Context = 16, Dropout = 0, Pooling = Pooling.Last }, new IdsShape(30), 3);
}
