using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Text;

/// <summary>A Transformer that reads: what it is told of places, its limits, its heads.</summary>
[Collection(nameof(Alone))]
public sealed class TransformerEncoderTests
{
    private static readonly TransformerEncoder small = new() { Layers = 2, Heads = 2, HiddenSize = 16, FeedForwardSize = 32, Dropout = 0, MaxTokens = 12 };

    [Theory]
    [InlineData(Positions.Learned)]
    [InlineData(Positions.Sinusoidal)]
    [InlineData(Positions.Rotary)]
    public void OrderCounts_WhateverThePositions(Positions positions)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        using var network = (EncoderNetwork)(small with { Positions = positions }).Build(new IdsShape(20), 2);
        network.eval();
        var (ids, turned) = (tensor(new[] { 3, 5, 7 }).unsqueeze(0), tensor(new[] { 7, 5, 3 }).unsqueeze(0));
        Assert.True((network.call(ids) - network.call(turned)).abs().max().ToDouble() > 1e-5);
    }

    [Fact]
    public void RotaryPositions_SeeDistancesAlone()
    {
        using var scope = NewDisposeScope();
        var (query, key) = (randn(1, 1, 1, 8), randn(1, 1, 1, 8));
        var rotary = new RotaryPositions(arange(10).unsqueeze(0), 8);
        var (queries, keys) = (rotary.Turn(query.expand(1, 1, 10, 8)), rotary.Turn(key.expand(1, 1, 10, 8)));
        var products = queries.matmul(keys.transpose(2, 3))[0][0];
        for (var place = 0; place + 3 < 10; place++)
            Assert.Equal(products[0, 3].ToDouble(), products[place, place + 3].ToDouble(), 1e-5);
        Assert.Equal(query.norm().ToDouble(), queries[0][0][9].norm().ToDouble(), 1e-5);
    }

    [Fact]
    public void SinusoidalPositions_ArePapers()
    {
        using var scope = NewDisposeScope();
        var table = PositionTables.Sinusoidal(7, 6, CPU);
        Assert.Equal([7, 6], table.shape);
        for (var place = 0; place < 7; place++)
            for (var i = 0; i < 3; i++)
            {
                var angle = place / Math.Pow(10_000, 2 * i / 6.0);
                Assert.Equal(Math.Sin(angle), table[place, 2 * i].ToDouble(), 1e-5);
                Assert.Equal(Math.Cos(angle), table[place, 2 * i + 1].ToDouble(), 1e-5);
            }
    }

    [Fact]
    public void RowsLongerThanTheLearnedPositions_AreRefused_AndRotaryTakesThem()
    {
        using var scope = NewDisposeScope();
        using var learned = (EncoderNetwork)small.Build(new IdsShape(20), 2);
        var long_ = zeros(1, 13, dtype: ScalarType.Int32);
        Assert.Contains("13 steps", Assert.Throws<InvalidOperationException>(() => learned.call(long_)).Message, StringComparison.Ordinal);
        Assert.Contains("MaxTokens = 13", Assert.Throws<ArgumentException>(() => small.Build(new IdsShape(20, 13), 2)).Message, StringComparison.Ordinal);
        using var rotary = (EncoderNetwork)(small with { Positions = Positions.Rotary }).Build(new IdsShape(20), 2);
        Assert.Equal([1, 2], rotary.call(long_).shape);
    }

    [Fact]
    public void AHeadOfTokens_SaysATokenForEachStep_ByTheTokensOwnVectors()
    {
        using var scope = NewDisposeScope();
        using var network = (EncoderNetwork)(small with { Head = EncoderHead.Tokens }).Build(new IdsShape(20), 20);
        var ids = randint(1, 20, [3, 5], dtype: ScalarType.Int32);
        Assert.Equal([3, 5, 20], network.call(ids).shape);
        Assert.Equal([2, 20], network.PredictTokens(randn(2, 16)).shape);
        Assert.DoesNotContain(network.named_parameters(), parameter => parameter.name.Contains("decoder", StringComparison.Ordinal));
        Assert.Contains("one column of text", Assert.Throws<ArgumentException>(() => (small with { Head = EncoderHead.Tokens }).Build(new SequenceShape(3), 20)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAHead_TheAnswerIsTheVectorItself()
    {
        using var scope = NewDisposeScope();
        using var network = (EncoderNetwork)(small with { Head = EncoderHead.None }).Build(new IdsShape(20), 16);
        Assert.Equal([2, 16], network.call(ones(2, 4, dtype: ScalarType.Int32)).shape);
        Assert.Contains("16", Assert.Throws<ArgumentException>(() => (small with { Head = EncoderHead.None }).Build(new IdsShape(20), 7)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnOddWidthOfAHead_IsRefusedWithRotaryPositions() => Assert.Contains("odd number", Assert.Throws<ArgumentException>(() =>
        new MLContext().MulticlassClassification.Trainers.Deep(small with { HiddenSize = 6, Positions = Positions.Rotary })).Message, StringComparison.Ordinal);

    [Fact]
    public void Text_IsLearnt_CutAtMaxTokens_AndScoredInOneFile()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new Review { Text = (i % 2 == 0 ? "good " : "bad ") + new string('x', i), Label = i % 2 == 0 }));
        using var model = ml.BinaryClassification.Trainers.Deep(small, new DeepTrainerOptions { Epochs = 20, BatchSize = 8, Optimizer = new Adam { LearningRate = 0.005 } }, featureColumnName: "Text").Fit(data);
        Assert.True(ml.BinaryClassification.Evaluate(model.Transform(data)).Accuracy > 0.95);
        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        Assert.Equal(model.Transform(data).GetColumn<float>("Score"), loaded.Transform(data).GetColumn<float>("Score"));
        using var engine = ml.Model.CreatePredictionEngine<Review, Answer>(loaded);
        Assert.True(engine.Predict(new Review { Text = "good" }).PredictedLabel);
    }

    private sealed class Review
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }

    private sealed class Answer
    {
        public bool PredictedLabel { get; set; }
    }
}
