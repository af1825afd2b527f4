using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Text;

/// <summary>BERT, RoBERTa and DistilBERT have the names of Hugging Face's files, and compute the same where they are the same.</summary>
[Collection(nameof(Alone))]
public sealed class PublishedEncoderTests
{
    private static readonly IdsShape ids = new(30) { Separator = 3 };

    private static readonly string[] layer =
    [
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm",
    ];

    private static readonly string[] distilledLayer = ["attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm"];

    private static readonly string[] embeddings = ["word_embeddings.weight", "position_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias"];

    public static TheoryData<PublishedEncoder, string[]> Heads => new()
    {
        { Small<Bert>(), ["bert.embeddings.token_type_embeddings.weight", "bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"] },
        { Small<Bert>() with { Pooling = Pooling.None }, ["bert.embeddings.token_type_embeddings.weight", "classifier.weight", "classifier.bias"] },
        {
            Small<Bert>() with { Head = EncoderHead.Tokens },
            [
                "bert.embeddings.token_type_embeddings.weight", "cls.predictions.bias", "cls.predictions.transform.dense.weight", "cls.predictions.transform.dense.bias",
                "cls.predictions.transform.LayerNorm.weight", "cls.predictions.transform.LayerNorm.bias",
            ]
        },
        { Small<Roberta>(), ["roberta.embeddings.token_type_embeddings.weight", "classifier.dense.weight", "classifier.dense.bias", "classifier.out_proj.weight", "classifier.out_proj.bias"] },
        { Small<Roberta>() with { Pooling = Pooling.None }, ["roberta.embeddings.token_type_embeddings.weight", "classifier.weight", "classifier.bias"] },
        {
            Small<Roberta>() with { Head = EncoderHead.Tokens },
            ["roberta.embeddings.token_type_embeddings.weight", "lm_head.bias", "lm_head.dense.weight", "lm_head.dense.bias", "lm_head.layer_norm.weight", "lm_head.layer_norm.bias"]
        },
        { Small<DistilBert>(), ["pre_classifier.weight", "pre_classifier.bias", "classifier.weight", "classifier.bias"] },
        { Small<DistilBert>() with { Pooling = Pooling.None }, ["classifier.weight", "classifier.bias"] },
        { Small<DistilBert>() with { Head = EncoderHead.Tokens }, ["vocab_transform.weight", "vocab_transform.bias", "vocab_layer_norm.weight", "vocab_layer_norm.bias", "vocab_projector.bias"] },
        { Small<DistilBert>() with { Head = EncoderHead.None, Pooling = Pooling.Mean }, [] },
    };

    [Theory, MemberData(nameof(Heads))]
    public void Names_AreHuggingFaces(PublishedEncoder config, string[] heads)
    {
        using var scope = NewDisposeScope();
        using var network = config.Build(ids, config.Head switch { EncoderHead.Tokens => 30, EncoderHead.None => 16, _ => 3 });
        var (body, layers, parts) = config switch
        {
            Bert => ("bert", "bert.encoder.layer", layer),
            Roberta => ("roberta", "roberta.encoder.layer", layer),
            _ => ("distilbert", "distilbert.transformer.layer", distilledLayer),
        };
        var expected = embeddings.Select(name => $"{body}.embeddings.{name}")
            .Concat(from number in new[] { 0, 1 } from part in parts from leaf in new[] { "weight", "bias" } select $"{layers}.{number}.{part}.{leaf}").Concat(heads);
        Assert.Equal(expected.Order(StringComparer.Ordinal), network.state_dict().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void DistilBert_IsBertWithoutParts()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        using var bert = Network(Small<Bert>() with { Head = EncoderHead.None, TypeVocabSize = 1 }, 16);
        using var distilled = Network(Small<DistilBert>() with { Head = EncoderHead.None }, 16);
        using (no_grad())
        {
            bert.state_dict()["bert.embeddings.token_type_embeddings.weight"].zero_();
            foreach (var (name, tensor) in distilled.state_dict())
            {
                var there = name.Replace("distilbert.transformer.layer", "bert.encoder.layer", StringComparison.Ordinal).Replace("distilbert", "bert", StringComparison.Ordinal);
                foreach (var (here, other) in distilledLayer.Zip(layer))
                    there = there.Replace($".{here}.", $".{other}.", StringComparison.Ordinal);
                tensor.copy_(bert.state_dict()[there]);
            }
        }
        var rows = Rows();
        Assert.Equal(bert.call(rows).data<float>().ToArray(), distilled.call(rows).data<float>().ToArray());
    }

    [Fact]
    public void Roberta_IsBertWhosePlacesBeginBehindThePadding()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        using var roberta = Network(Small<Roberta>() with { Head = EncoderHead.None, MaxPositionEmbeddings = 18 }, 16);
        using var bert = Network(Small<Bert>() with { Head = EncoderHead.None, MaxPositionEmbeddings = 16, TypeVocabSize = 1, LayerNormEps = 1e-5 }, 16);
        using (no_grad())
            foreach (var (name, tensor) in bert.state_dict())
            {
                var there = roberta.state_dict()[name.Replace("bert.", "roberta.", StringComparison.Ordinal)];
                tensor.copy_(name.EndsWith("position_embeddings.weight", StringComparison.Ordinal) ? there.narrow(0, 2, 16) : there);
            }
        var rows = Rows();
        Assert.Equal(bert.call(rows).data<float>().ToArray(), roberta.call(rows).data<float>().ToArray());
        Assert.Equal(16, (Small<Roberta>() with { MaxPositionEmbeddings = 18 }).MaxTokensFor("Text"));
    }

    [Fact]
    public void WhatStandsBehindTheFirstSeparator_IsTheSecondPart()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        using var network = Network(Small<Bert>() with { Head = EncoderHead.None, Pooling = Pooling.Mean }, 16);
        var (pair, same) = (tensor(new[] { 2, 7, 3, 8, 3 }).unsqueeze(0), tensor(new[] { 2, 7, 9, 8, 3 }).unsqueeze(0));
        using (no_grad())
        {
            // the separator's own vector made that of token 9: what still differs is the part alone
            var words = network.state_dict()["bert.embeddings.word_embeddings.weight"];
            words[3].copy_(words[9]);
        }
        var (asPair, asOne) = (network.call(pair), network.call(same));
        Assert.True((asPair - asOne).abs().max().ToDouble() > 1e-3);
        using (no_grad())
        {
            var types = network.state_dict()["bert.embeddings.token_type_embeddings.weight"];
            types[1].copy_(types[0]);
        }
        Assert.Equal(network.call(same).data<float>().ToArray(), network.call(pair).data<float>().ToArray());
    }

    [Fact]
    public void AColumnOfNumbers_IsRefused_WithWhatToWrite() =>
        Assert.Contains("featureColumnName: \"Text\"", Assert.Throws<ArgumentException>(() => Small<Bert>().Build(new VectorShape(8), 2)).Message, StringComparison.Ordinal);

    [Fact]
    public void MoreTokensThanVectors_AreRefused() => Assert.Contains("VocabSize = 20", Assert.Throws<ArgumentException>(() => (Small<Bert>() with { VocabSize = 20 }).Build(ids, 2)).Message, StringComparison.Ordinal);

    [Fact]
    public void RowsLongerThanThePlaces_AreRefused()
    {
        using var scope = NewDisposeScope();
        using var network = Network(Small<Roberta>(), 3);
        Assert.Contains("reads 16 at most", Assert.Throws<InvalidOperationException>(() => network.call(ones(1, 17, dtype: ScalarType.Int32))).Message, StringComparison.Ordinal);
    }

    private static T Small<T>() where T : PublishedEncoder, new() => (T)new T().Smallest().Model;

    private static EncoderNetwork Network(PublishedEncoder config, int outputs)
    {
        var network = (EncoderNetwork)config.Build(ids, outputs);
        network.eval();
        return network;
    }

    private static ModelInput Rows() => new([new InputTensor("Text", randint(5, 30, [3, 7], dtype: ScalarType.Int32), tensor(new long[] { 7, 3, 5 }))]);
}
