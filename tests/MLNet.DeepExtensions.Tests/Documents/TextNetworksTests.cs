using Microsoft.ML;
using MLNet.DeepExtensions.Tests.Torch.Models.Text;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/text.md about networks, run as it is shown there.</summary>
[Collection(nameof(Alone))]
public sealed class TextNetworksTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly PublishedFolder published = PublishedFolder.OfBert();
    private readonly string folder;
    private readonly IDataView reviews;

    public TextNetworksTests()
    {
        File.WriteAllLines(published.PathOf("vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. PublishedFolder.Tokenizer.Vocabulary!]);
        folder = published.Path;
        reviews = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 64).Select(i => new Review { Text = i % 2 == 0 ? "a b c !" : "x y z ?", Label = i % 2 == 0 ? "good" : "bad" }));
    }

    public sealed class Review
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }

    public sealed class Vector
    {
        public float[] Embedding { get; set; } = [];
    }

    public void Dispose() => published.Dispose();

    [Fact]
    public void FromScratch()
    {
        #region transformer
        var network = new TransformerEncoder { Layers = 3, Heads = 6, HiddenSize = 192, FeedForwardSize = 768, Dropout = 0.2, Positions = Positions.Rotary, MaxTokens = 256 };
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(network, new DeepTrainerOptions { Epochs = 4, BatchSize = 16, ClipGradientNorm = 1 }, featureColumnName: "Text"));
        #endregion
        using var model = pipeline.Fit(reviews);
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(reviews)).MicroAccuracy > 0.9);
    }

    [Fact]
    public void FromAFolder()
    {
        #region fine-tuning
        var fineTuning = new DeepTrainerOptions
        {
            Epochs = 3,
            BatchSize = 16,
            BatchesPerStep = 2,                            // the gradients of 32 rows in the memory of 16
            Optimizer = new AdamW { LearningRate = 2e-5, Groups = [ParameterGroup.NoDecay] },
            Schedule = new Warmup { Length = 100, Then = new PolynomialDecay() },
            LayerDecay = 0.9,                              // each layer nine tenths of the one above
            ClipGradientNorm = 1,
            Precision = Precision.BFloat16Mixed,
        };
        #endregion

        #region folder
        var bert = PretrainedModel.FromFolder(folder);     // settings, tokenizer and weights
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(bert, fineTuning, featureColumnName: "Text"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var model = pipeline.Fit(reviews);
        #endregion
        Assert.NotNull(model);

        #region settings
        var mean = PretrainedModel.FromFolder<Bert>(folder) with { Pooling = Pooling.Mean, HiddenDropoutProb = 0.2 };
        #endregion
        using var other = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(mean, fineTuning with { Epochs = 1 }, featureColumnName: "Text")).Fit(reviews);

        #region lora
        var adapted = fineTuning with { Optimizer = new AdamW { LearningRate = 5e-4 }, LayerDecay = null, Adapter = new Lora { Rank = 8, Alpha = 16 } };
        using var chain = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(bert, adapted, featureColumnName: "Text")).Fit(reviews);
        chain.LastTransformer.Adapter!.Save(Path.Combine(folder, "adapter"));      // adapter_config.json and adapter_model.safetensors
        #endregion
        Assert.Equal(4, AdapterWeights.Load(Path.Combine(folder, "adapter")).Layers.Count);
    }

    [Fact]
    public void Vectors()
    {
        #region vectors
        using var vectors = ml.Transforms.Text.EmbedText("Embedding", "Text", PretrainedModel.FromFolder(folder)).Fit(reviews);
        var index = EmbeddingIndex.Build(vectors.Transform(reviews), labelColumnName: "Text");
        using var engine = ml.Model.CreatePredictionEngine<Review, Vector>(vectors);
        foreach (var near in index.Search(engine.Predict(new Review { Text = "a b c" }).Embedding, count: 3))
            Console.WriteLine($"{near.Similarity:0.00} {near.Label}");
        #endregion
        Assert.Equal(64, index.Count);
    }
}
