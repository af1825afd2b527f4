namespace MLNet.DeepExtensions;

/// <summary>
/// BERT (Devlin et al. 2018, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding"), with Hugging Face's settings and names:
/// <c>bert.embeddings.word_embeddings.weight</c>, <c>bert.encoder.layer.0.attention.self.query.weight</c>, … , <c>bert.pooler.dense.weight</c>, <c>classifier.weight</c>; the head of tokens is <c>cls.predictions</c>.
/// What stands behind a row's first separator (<see cref="IdsShape.Separator"/>) is its second part. From scratch it needs far more text than <see cref="TransformerEncoder"/>; start from published weights:
/// <see cref="PretrainedModel.FromFolder(string, TextTokenizer?)"/>.
/// </summary>
[ConfigName("bert")]
public sealed record Bert : BertFamily
{
    /// <inheritdoc/>
    /// <value>In [2, 65,536]. The default is 512.</value>
    public override int MaxPositionEmbeddings { get; init; } = 512;

    /// <inheritdoc/>
    /// <value>In [1, 1000]. The default is 2.</value>
    public override int TypeVocabSize { get; init; } = 2;

    /// <inheritdoc/>
    /// <value>In [1e-20, 0.1]. The default is 1e-12.</value>
    public override double LayerNormEps { get; init; } = 1e-12;

    /// <inheritdoc/>
    /// <value>In [0, 10,000,000]. The default is 0.</value>
    public override int PadTokenId { get; init; }

    internal override string? PublishedType => "bert";

    internal override ModelConfig FromPublished(PublishedConfig config, PublishedFiles files, TextTokenizer? tokenizer) => Read(this, config, files, tokenizer);

    internal override string? NameOf(string published) => NameOf(published, "bert") switch
    {
        // the word embeddings once more
        "cls.predictions.decoder.weight" => null,
        "cls.predictions.decoder.bias" => "cls.predictions.bias",
        var name => name,
    };

    // one more layer behind the first token, and for it alone
    internal override PublishedPlan Plan => PlanOf("bert", Pooling == Pooling.First ? "bert.pooler.dense" : null, "classifier", dropsFirst: false,
        ("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.bias"));

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (
        this with { HiddenSize = 16, NumHiddenLayers = 2, NumAttentionHeads = 2, IntermediateSize = 32, MaxPositionEmbeddings = 16, HiddenDropoutProb = 0, AttentionProbsDropoutProb = 0, InitializerRange = 0.1 },
        new IdsShape(30) { Separator = 3 }, 3);
}
