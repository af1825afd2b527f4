using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// DistilBERT (Sanh et al. 2019, "DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter"), with Hugging Face's settings and names:
/// <c>distilbert.embeddings.word_embeddings.weight</c>, <c>distilbert.transformer.layer.0.attention.q_lin.weight</c>, … , <c>pre_classifier.weight</c>, <c>classifier.weight</c>; the head of tokens is <c>vocab_transform</c>,
/// <c>vocab_layer_norm</c> and <c>vocab_projector</c>. All of a text is one part. The defaults are the published ones: 66 million parameters.
/// </summary>
[ConfigName("distilbert")]
public sealed record DistilBert : PublishedEncoder
{
    /// <summary>Gets the width of a token within the network.</summary>
    /// <value>In [1, 16,384], a multiple of <see cref="NHeads"/>. The default is 768.</value>
    [Range(1, 16_384)]
    public int Dim { get; init; } = 768;

    /// <summary>Gets the number of layers.</summary>
    /// <value>In [1, 200]. The default is 6.</value>
    [Range(1, 200)]
    public int NLayers { get; init; } = 6;

    /// <summary>Gets the number of attention heads.</summary>
    /// <value>In [1, 256]. The default is 12.</value>
    [Range(1, 256)]
    public int NHeads { get; init; } = 12;

    /// <summary>Gets the width inside a layer's two fully connected layers.</summary>
    /// <value>In [1, 65,536]. The default is 3072.</value>
    [Range(1, 65_536)]
    public int HiddenDim { get; init; } = 3072;

    /// <summary>Gets the function between them, and in the head of tokens.</summary>
    /// <value>The default is GELU.</value>
    [EnumDataType(typeof(Activation))]
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>Gets the probability of zeroing an activation while training.</summary>
    /// <value>In [0, 1). The default is 0.1.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Gets the probability of zeroing an attention weight while training.</summary>
    /// <value>In [0, 1). The default is 0.1.</value>
    [Range(0.0, 0.999)]
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>Gets the probability of zeroing a number before the last layer while training.</summary>
    /// <value>In [0, 1). The default is 0.2.</value>
    [Range(0.0, 0.999)]
    public double SeqClassifDropout { get; init; } = 0.2;

    /// <inheritdoc/>
    /// <value>In [2, 65,536]. The default is 512.</value>
    public override int MaxPositionEmbeddings { get; init; } = 512;

    /// <inheritdoc/>
    /// <value>In [0, 10,000,000]. The default is 0.</value>
    public override int PadTokenId { get; init; }

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => Head switch { EncoderHead.Outputs => "classifier", EncoderHead.None => "", _ => null };

    internal override string? PublishedType => "distilbert";

    internal override PublishedPlan Plan => new()
    {
        Embeddings = "distilbert.embeddings", Layers = "distilbert.transformer.layer",
        Names = new("attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm"),
        LayerCount = NLayers, Heads = NHeads, Width = Dim, InnerWidth = HiddenDim, Activation = Activation, Epsilon = 1e-12, AttentionDropout = AttentionDropout, Dropout = Dropout, DropsAttended = false,
        Answer = new("pre_classifier", Activation.Relu, DropsFirst: false, "classifier", SeqClassifDropout), Tokens = ("vocab_transform", "vocab_layer_norm", "vocab_projector.bias"),
    };

    internal override ModelConfig FromPublished(PublishedConfig config, PublishedFiles files, TextTokenizer? tokenizer) => this with
    {
        VocabSize = config.Whole("vocab_size"), Dim = config.Whole("dim"), NLayers = config.Whole("n_layers"), NHeads = config.Whole("n_heads"), HiddenDim = config.Whole("hidden_dim"),
        Activation = config.Activation("activation"), Dropout = config.Number("dropout", Dropout), AttentionDropout = config.Number("attention_dropout", AttentionDropout),
        SeqClassifDropout = config.Number("seq_classif_dropout", SeqClassifDropout), MaxPositionEmbeddings = config.Whole("max_position_embeddings"),
        InitializerRange = config.Number("initializer_range", InitializerRange), PadTokenId = config.Whole("pad_token_id", PadTokenId), Files = files, Tokenizer = tokenizer,
    };

    internal override string? NameOf(string published) => published switch
    {
        // the word embeddings once more
        "vocab_projector.weight" => null,
        _ when published.EndsWith("position_ids", StringComparison.Ordinal) => null,
        _ when published.StartsWith("embeddings.", StringComparison.Ordinal) || published.StartsWith("transformer.", StringComparison.Ordinal) => $"distilbert.{published}",
        _ => published,
    };

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (
        this with { Dim = 16, NLayers = 2, NHeads = 2, HiddenDim = 32, MaxPositionEmbeddings = 16, Dropout = 0, AttentionDropout = 0, SeqClassifDropout = 0, InitializerRange = 0.1 }, new IdsShape(30) { Separator = 3 }, 3);
}
