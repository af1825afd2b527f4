using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>A column of text feeds a network: its vocabulary is learnt from the training rows and saved with the model.</summary>
public class TextColumnsTests
{
    private static readonly DeepTrainerOptions options = new() { Epochs = 15, BatchSize = 8, Seed = 3, Optimizer = new Adam { LearningRate = 0.02 } };

    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Text_IsRead_AndTheModelSaved_WithItsVocabulary()
    {
        var data = ml.Data.LoadFromEnumerable(Reviews(60));
        using var model = Pipeline("Text").Fit(data);
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy > 0.9);
        var expected = Scores(model, data);

        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        Assert.Equal(expected, Scores(loaded, data));
        using var engine = ml.Model.CreatePredictionEngine<Review, Answer>(loaded);
        foreach (var (row, scores) in Reviews(60).Zip(expected).Take(10))
            Assert.Equal(scores, engine.Predict(row).Score, (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Text_OfCharactersNeverSeen_IsScored()
    {
        using var model = Pipeline("Text").Fit(ml.Data.LoadFromEnumerable(Reviews(60)));
        Assert.All(Scores(model, ml.Data.LoadFromEnumerable([new Review { Text = "ЖЖЖ", Label = "good" }, new Review { Text = "", Label = "bad" }])), row => Assert.All(row, score => Assert.True(float.IsFinite(score))));
    }

    [Fact]
    public void TextBesideOtherColumns_IsFused()
    {
        var data = ml.Data.LoadFromEnumerable(Reviews(60));
        using var model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(new Fusion { EmbeddingSize = 16 }, ["Stars", new InputColumn("Text") { Tokenizer = new Characters { VocabularySize = 20 }, MaxTokens = 12 }], options: options)).Fit(data);
        Assert.Equal("{ Stars [1], Text [*] }", model.LastTransformer.Model.InputShape.ToString());
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy > 0.9);
    }

    [Fact]
    public void Text_ForANetworkOfNumbers_IsRefused_WithWhatToWrite()
    {
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new Mlp(), options, featureColumnName: "Text"));
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => { pipeline.Fit(ml.Data.LoadFromEnumerable(Reviews(10))); });
        Assert.Contains("Tokenizer = new", e.Message, StringComparison.Ordinal);
    }

    private EstimatorChain<DeepTransformer> Pipeline(string column) => ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(ml.MulticlassClassification.Trainers.Deep(new EmbeddingBag { EmbeddingSize = 16 }, options, featureColumnName: column));

    private List<float[]> Scores(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float[]>("Score")];

    private static IEnumerable<Review> Reviews(int count)
    {
        string[] good = ["great film", "很好看", "lovely, really good"], bad = ["dull and bad", "太差了", "boring plot"];
        return Enumerable.Range(0, count).Select(i => i % 2 == 0
            ? new Review { Text = good[i / 2 % 3], Label = "good", Stars = 4 } : new Review { Text = bad[i / 2 % 3], Label = "bad", Stars = 2 });
    }

    private sealed class Review
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";

        public float Stars { get; set; }
    }

    private sealed class Answer
    {
        public float[] Score { get; set; } = [];
    }
}
