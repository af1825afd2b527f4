using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>Layers near the input take smaller steps.</summary>
[Collection(nameof(Alone))]
public sealed class LayerDecayTests
{
    private static readonly TransformerEncoder network = new() { Layers = 2, Heads = 2, HiddenSize = 8, FeedForwardSize = 16, Dropout = 0, MaxTokens = 8 };

    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Rates_FallFromTheLastLayerToTheFirst()
    {
        var rate = LayerRates.For(new Bert { NumHiddenLayers = 12 }, 0.5);
        Assert.Equal(1, rate("classifier.weight"));
        Assert.Equal(1, rate("bert.pooler.dense.bias"));
        Assert.Equal(0.5, rate("bert.encoder.layer.11.output.dense.weight"));
        // 1 is not 11
        Assert.Equal(Math.Pow(0.5, 11), rate("bert.encoder.layer.1.output.dense.weight"));
        Assert.Equal(Math.Pow(0.5, 13), rate("bert.embeddings.word_embeddings.weight"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AStep_IsAsLongAsItsLayerSays(bool withGroups)
    {
        var options = new DeepTrainerOptions { Epochs = 1, BatchSize = 16, Seed = 2, Optimizer = new Sgd { LearningRate = 0.1, Groups = withGroups ? [new ParameterGroup("fc") { LearningRateFactor = 3 }, ParameterGroup.NoDecay] : null } };
        var start = Weights(options with { Optimizer = new Sgd { LearningRate = 0 } });
        var (full, decayed) = (Weights(options), Weights(options with { LayerDecay = 0.5 }));
        foreach (var (name, factor) in new[] { ("fc.weight", 1.0), ("norm.weight", 1), ("layers.1.linear1.weight", 0.5), ("layers.0.linear1.bias", 0.25), ("positions.weight", 0.125), ("input.embeddings.0.weight", 0.125) })
        {
            var expected = start[name].Zip(full[name], (from, to) => from + factor * (to - from));
            Assert.Contains(start[name].Zip(full[name]), pair => Math.Abs(pair.First - pair.Second) > 1e-5);
            Assert.All(expected.Zip(decayed[name]), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        }
    }

    [Fact]
    public void ANetworkThatDoesNotSayItsLayers_IsRefused_WithWhatToWrite()
    {
        var trainer = ml.BinaryClassification.Trainers.Deep(new EmbeddingBag(), new DeepTrainerOptions { LayerDecay = 0.9 }, featureColumnName: "Text");
        Assert.Contains("override LayersFromInput", Assert.Throws<ArgumentException>(() => trainer.Fit(Data())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Zero_IsOutOfRange() => Assert.Contains("LayerDecay", Assert.Throws<ArgumentException>(() => ml.BinaryClassification.Trainers.Deep(network, new DeepTrainerOptions { LayerDecay = 0 })).Message, StringComparison.Ordinal);

    private Dictionary<string, float[]> Weights(DeepTrainerOptions options)
    {
        using var scope = NewDisposeScope();
        using var model = ml.BinaryClassification.Trainers.Deep(network, options, featureColumnName: "Text").Fit(Data());
        return model.Module.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.data<float>().ToArray());
    }

    private IDataView Data() => ml.Data.LoadFromEnumerable(Enumerable.Range(0, 16).Select(i => new Review { Text = i % 2 == 0 ? "good" : "bad", Label = i % 2 == 0 }));

    private sealed class Review
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }
}
