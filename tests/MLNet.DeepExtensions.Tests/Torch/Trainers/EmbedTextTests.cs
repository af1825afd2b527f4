using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Torch.Models.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>A network that was trained elsewhere makes vectors of texts.</summary>
[Collection(nameof(Alone))]
public sealed class EmbedTextTests
{
    private readonly MLContext ml = new(seed: 1);

    [Theory]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.First)]
    public void AVector_IsWhatTheNetworkMakesOfTheText_OfLengthOne(Pooling pooling)
    {
        using var scope = NewDisposeScope();
        using var folder = PublishedFolder.OfBert();
        var config = PretrainedModel.FromFolder<Bert>(folder.Path, PublishedFolder.Tokenizer);
        using var model = ml.Transforms.Text.EmbedText("Vector", "Text", config, pooling).Fit(Data());
        var vectors = model.Transform(Data()).GetColumn<float[]>("Vector").ToList();

        using var network = (EncoderNetwork)(config with { Head = EncoderHead.None }).Build(new IdsShape(PublishedFolder.Tokenizer.Count), 16);
        foreach (var _ in StartingWeights.Load(config, network, null, null))
        {
        }
        network.eval();
        foreach (var (text, vector) in Texts.Zip(vectors))
        {
            var hidden = network.Encode(tensor(PublishedFolder.Tokenizer.Encode(text).ToArray()).unsqueeze(0));
            var expected = nn.functional.normalize(pooling == Pooling.Mean ? hidden.mean([1]) : hidden.select(1, 0), dim: 1);
            Assert.All(expected.detach().flatten().data<float>().ToArray().Zip(vector), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
            Assert.Equal(1, vector.Sum(number => number * number), 1e-5);
        }
    }

    [Fact]
    public void TheStep_IsSaved_WithTokenizerAndWeights_AndFindsLikeTexts()
    {
        byte[] file;
        List<float[]> expected;
        using (var folder = PublishedFolder.OfBert())
        {
            using var model = ml.Transforms.Text.EmbedText("Embedding", "Text", PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer)).Fit(Data());
            expected = [.. model.Transform(Data()).GetColumn<float[]>("Embedding")];
            using var stream = new MemoryStream();
            ml.Model.Save(model, Data().Schema, stream);
            file = stream.ToArray();
        }
        var loaded = new MLContext().Model.Load(new MemoryStream(file), out _);
        Assert.Equal(expected, loaded.Transform(Data()).GetColumn<float[]>("Embedding"));
        using var engine = ml.Model.CreatePredictionEngine<Line, Answer>(loaded);
        var index = EmbeddingIndex.Build(loaded.Transform(Data()), labelColumnName: "Text");
        Assert.All(Texts, text => Assert.Equal(text, index.Search(engine.Predict(new Line { Text = text }).Embedding, 1)[0].Label));
        Assert.Equal(1, EmbeddingIndex.Cosine(expected[0], expected[0]), 1e-5);
        Assert.Equal(expected[0].Zip(expected[2]).Sum(pair => pair.First * pair.Second), EmbeddingIndex.Cosine(expected[0], expected[2]), 1e-5);
    }

    [Fact]
    public void ATrainedNetworksWeights_AndTokenizer_AreTaken()
    {
        var network = new TransformerEncoder { Layers = 1, Heads = 2, HiddenSize = 8, FeedForwardSize = 16 };
        using var trained = ml.Transforms.Conversion.MapValueToKey("Label", "Text").Append(ml.MulticlassClassification.Trainers.Deep(network, new DeepTrainerOptions { Epochs = 1 }, featureColumnName: "Text")).Fit(Data());
        using var model = ml.Transforms.Text.EmbedText("Embedding", "Text", network, weights: trained.LastTransformer).Fit(Data());
        Assert.Equal(8, model.Transform(Data()).GetColumn<float[]>("Embedding").First().Length);
        Assert.Equal(trained.LastTransformer.Tokenizer, model.Tokenizer);
    }

    [Fact]
    public void WithoutWeights_OrWithoutAVector_ItIsRefused()
    {
        Assert.Contains("would be chance", Assert.Throws<ArgumentException>(() => ml.Transforms.Text.EmbedText("Embedding", "Text", new Bert())).Message, StringComparison.Ordinal);
        Assert.Contains("does not read text", Assert.Throws<ArgumentException>(() => ml.Transforms.Text.EmbedText("Embedding", "Text", new Lstm())).Message, StringComparison.Ordinal);
        Assert.Contains("makes no vector", Assert.Throws<ArgumentException>(() => ml.Transforms.Text.EmbedText("Embedding", "Text", new Bert(), Pooling.None)).Message, StringComparison.Ordinal);
        using var folder = PublishedFolder.OfBert();
        var step = ml.Transforms.Text.EmbedText("Embedding", new InputColumn("Text") { Tokenizer = new Characters() }, PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer));
        Assert.Contains("has no vocabulary", Assert.Throws<ArgumentException>(() => step.Fit(Data())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_LeavesTheHostsGeneratorAlone()
    {
        using var scope = NewDisposeScope();
        using var folder = PublishedFolder.OfBert();
        random.manual_seed(5);
        var expected = rand(1).item<float>();
        random.manual_seed(5);
        ml.Transforms.Text.EmbedText("Embedding", "Text", PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer)).Fit(Data()).Dispose();
        Assert.Equal(expected, rand(1).item<float>());
    }

    private static IReadOnlyList<string> Texts => ["good", "not so good", "a", "不好!"];

    private IDataView Data() => ml.Data.LoadFromEnumerable(Texts.Select(text => new Line { Text = text }));

    private sealed class Line
    {
        public string Text { get; set; } = "";
    }

    private sealed class Answer
    {
        public float[] Embedding { get; set; } = [];
    }
}
