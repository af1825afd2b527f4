using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// RoBERTa (Liu et al. 2019, "RoBERTa: A Robustly Optimized BERT Pretraining Approach"), with Hugging Face's settings and names: <c>roberta.embeddings.word_embeddings.weight</c>, … ,
/// <c>classifier.dense.weight</c>, <c>classifier.out_proj.weight</c>; the head of tokens is <c>lm_head</c>. Layers are <see cref="Bert"/>'s; all of a text is one part, and places are counted from
/// <see cref="PublishedEncoder.PadTokenId"/> + 1, so that it reads that many tokens less than it has places.
/// </summary>
[ConfigName("roberta")]
public sealed record Roberta : BertFamily
{
    /// <inheritdoc/>
    /// <value>In [2, 65,536]. The default is 514: 512 tokens.</value>
    public override int MaxPositionEmbeddings { get; init; } = 514;

    /// <inheritdoc/>
    /// <value>In [1, 1000]. The default is 1.</value>
    public override int TypeVocabSize { get; init; } = 1;

    /// <inheritdoc/>
    /// <value>In [1e-20, 0.1]. The default is 1e-5.</value>
    public override double LayerNormEps { get; init; } = 1e-5;

    /// <inheritdoc/>
    /// <value>In [0, 10,000,000]. The default is 1.</value>
    public override int PadTokenId { get; init; } = 1;

    internal int FirstPlace => PadTokenId + 1;

    internal override int MaxTokensFor(string column) => MaxPositionEmbeddings - FirstPlace;

    internal override string? PublishedType => "roberta";

    internal override ModelConfig FromPublished(PublishedConfig config, PublishedFiles files, TextTokenizer? tokenizer) => Read(this, config, files, tokenizer);

    internal override string? NameOf(string published) => NameOf(published, "roberta") switch
    {
        "lm_head.decoder.weight" => null,
        "lm_head.decoder.bias" => "lm_head.bias",
        var name => name,
    };

    internal override PublishedPlan Plan => PlanOf("roberta", "classifier.dense", "classifier.out_proj", dropsFirst: true, ("lm_head.dense", "lm_head.layer_norm", "lm_head.bias")) with { FirstPlace = FirstPlace };

    /// <inheritdoc/>
    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxPositionEmbeddings - FirstPlace < 2)
            yield return new ValidationResult($"places are counted from PadTokenId + 1 = {FirstPlace}, so that of MaxPositionEmbeddings = {MaxPositionEmbeddings} too few are left.");
        foreach (var result in base.Validate(validationContext))
            yield return result;
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (
        this with { HiddenSize = 16, NumHiddenLayers = 2, NumAttentionHeads = 2, IntermediateSize = 32, MaxPositionEmbeddings = 18, HiddenDropoutProb = 0, AttentionProbsDropoutProb = 0, InitializerRange = 0.1 },
        new IdsShape(30) { Separator = 3 }, 3);
}
