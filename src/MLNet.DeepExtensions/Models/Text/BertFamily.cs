using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>What <see cref="Bert"/> and <see cref="Roberta"/> share: the same layers, and settings of the same names. The defaults are the base sizes, some 110 million parameters.</summary>
public abstract record BertFamily : PublishedEncoder
{
    private protected BertFamily() { }

    /// <summary>Gets the width of a token within the network.</summary>
    /// <value>In [1, 16,384], a multiple of <see cref="NumAttentionHeads"/>. The default is 768.</value>
    [Range(1, 16_384)]
    public int HiddenSize { get; init; } = 768;

    /// <summary>Gets the number of layers.</summary>
    /// <value>In [1, 200]. The default is 12.</value>
    [Range(1, 200)]
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>Gets the number of attention heads.</summary>
    /// <value>In [1, 256]. The default is 12.</value>
    [Range(1, 256)]
    public int NumAttentionHeads { get; init; } = 12;

    /// <summary>Gets the width inside a layer's two fully connected layers.</summary>
    /// <value>In [1, 65,536]. The default is 3072.</value>
    [Range(1, 65_536)]
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Gets the function between them, and in the head of tokens.</summary>
    /// <value>The default is GELU.</value>
    [EnumDataType(typeof(Activation))]
    public Activation HiddenAct { get; init; } = Activation.Gelu;

    /// <summary>Gets the probability of zeroing an activation while training.</summary>
    /// <value>In [0, 1). The default is 0.1.</value>
    [Range(0.0, 0.999)]
    public double HiddenDropoutProb { get; init; } = 0.1;

    /// <summary>Gets the probability of zeroing an attention weight while training.</summary>
    /// <value>In [0, 1). The default is 0.1.</value>
    [Range(0.0, 0.999)]
    public double AttentionProbsDropoutProb { get; init; } = 0.1;

    /// <summary>Gets the probability of zeroing a number before the last layer while training.</summary>
    /// <value>In [0, 1). The default, null, is <see cref="HiddenDropoutProb"/>.</value>
    [Range(0.0, 0.999)]
    public double? ClassifierDropout { get; init; }

    /// <summary>Gets how many parts of a text are told from each other: a pair of texts has two.</summary>
    /// <value>In [1, 1000]. The default is the published network's.</value>
    [Range(1, 1000)]
    public abstract int TypeVocabSize { get; init; }

    /// <summary>Gets what is added to a variance before its root is taken.</summary>
    /// <value>In [1e-20, 0.1]. The default is the published network's.</value>
    [Range(1e-20, 0.1)]
    public abstract double LayerNormEps { get; init; }

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => Head switch { EncoderHead.Outputs => "classifier", EncoderHead.None => "", _ => null };

    private protected PublishedPlan PlanOf(string body, string? dense, string classifier, bool dropsFirst, (string, string, string) tokens) => new()
    {
        Embeddings = $"{body}.embeddings", Layers = $"{body}.encoder.layer",
        Names = new("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"),
        LayerCount = NumHiddenLayers, Heads = NumAttentionHeads, Width = HiddenSize, InnerWidth = IntermediateSize, Activation = HiddenAct, Epsilon = LayerNormEps,
        AttentionDropout = AttentionProbsDropoutProb, Dropout = HiddenDropoutProb, Types = TypeVocabSize,
        Answer = new(dense, Activation.Tanh, dropsFirst, classifier, ClassifierDropout ?? HiddenDropoutProb), Tokens = tokens,
    };

    private protected T Read<T>(T model, PublishedConfig config, PublishedFiles files, TextTokenizer? tokenizer) where T : BertFamily
    {
        config.Demand("position_embedding_type", "absolute");
        return model with
        {
            VocabSize = config.Whole("vocab_size"), HiddenSize = config.Whole("hidden_size"), NumHiddenLayers = config.Whole("num_hidden_layers"), NumAttentionHeads = config.Whole("num_attention_heads"),
            IntermediateSize = config.Whole("intermediate_size"), HiddenAct = config.Activation("hidden_act"), HiddenDropoutProb = config.Number("hidden_dropout_prob", HiddenDropoutProb),
            AttentionProbsDropoutProb = config.Number("attention_probs_dropout_prob", AttentionProbsDropoutProb), ClassifierDropout = config.Number("classifier_dropout", double.NaN) is var dropout && double.IsNaN(dropout) ? null : dropout,
            MaxPositionEmbeddings = config.Whole("max_position_embeddings"), TypeVocabSize = config.Whole("type_vocab_size", TypeVocabSize), LayerNormEps = config.Number("layer_norm_eps", LayerNormEps),
            InitializerRange = config.Number("initializer_range", InitializerRange), PadTokenId = config.Whole("pad_token_id", PadTokenId), Files = files, Tokenizer = tokenizer,
        };
    }

    // TensorFlow's checkpoints called a norm's weight gamma and its bias beta; some files hold the body alone, without its name
    private protected static string? NameOf(string published, string body)
    {
        if (published.EndsWith("position_ids", StringComparison.Ordinal) || published.EndsWith("token_type_ids", StringComparison.Ordinal))
            return null;
        var name = published.EndsWith(".gamma", StringComparison.Ordinal) ? published[..^5] + "weight" : published.EndsWith(".beta", StringComparison.Ordinal) ? published[..^4] + "bias" : published;
        return name.StartsWith("embeddings.", StringComparison.Ordinal) || name.StartsWith("encoder.", StringComparison.Ordinal) || name.StartsWith("pooler.", StringComparison.Ordinal) ? $"{body}.{name}" : name;
    }
}
