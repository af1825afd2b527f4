using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Core.Text;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/text.md, run as it is shown there.</summary>
public sealed class TextTests
{
    private readonly MLContext ml = new(seed: 1);
    private readonly DeepTrainerOptions options = new() { Epochs = 15, BatchSize = 8, Optimizer = new Adam { LearningRate = 0.02 } };

    #region review
    public sealed class Review
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }
    #endregion

    public sealed class Question
    {
        public string Asked { get; set; } = "";

        public string Answered { get; set; } = "";

        public string Label { get; set; } = "";
    }

    [Fact]
    public void ATextColumn_FeedsANetwork()
    {
        var data = ml.Data.LoadFromEnumerable(Reviews(60));

        #region column
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(new Lstm { HiddenSize = 32 }, options, featureColumnName: "Text"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var model = pipeline.Fit(data);
        Console.WriteLine($"right: {ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy:P0}");
        #endregion
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy > 0.9);

        #region chosen
        var chosen = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(
            new Lstm { HiddenSize = 32 }, [new InputColumn("Text") { Tokenizer = new WordPiece { VocabularySize = 20_000, LowerCase = false }, MaxTokens = 256 }], options));
        #endregion
        using var other = chosen.Fit(data);

        #region again
        var tokenizer = other.LastTransformer.Tokenizer;
        var second = new InputColumn("Text") { Tokenizer = tokenizer };
        #endregion
        Assert.Equal(tokenizer, second.Tokenizer);
    }

    [Fact]
    public void APublishedVocabulary_IsRead()
    {
        var folder = PublishedVocabularies.Folder("bert-base-chinese");

        #region folder
        var bert = TextTokenizer.FromFolder(folder);
        foreach (var token in bert.Tokenize("房间很大，WiFi不错"))
            Console.WriteLine($"{token.Id,6} {token.Text,-8} {token.Start} + {token.Length}");
        #endregion
        Assert.Equal(["[CLS]", "房", "间", "很", "大", "，", "wifi", "不", "错", "[SEP]"], bert.Tokenize("房间很大，WiFi不错").Select(token => token.Text));
    }

    [Fact]
    public void Pairs_AreOneStep()
    {
        string[] words = ["north", "south", "东", "西"];
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 64).Select(i => new Question { Asked = words[i % 4], Answered = words[i / 4 % 4], Label = i % 4 == i / 4 % 4 ? "right" : "wrong" }));

        #region pairs
        var pairs = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.Text.Tokenize("Tokens", "Asked", pairColumnName: "Answered", maxTokens: 128))
            .Append(ml.MulticlassClassification.Trainers.Deep(new Gru { HiddenSize = 32 }, options, featureColumnName: "Tokens"));
        #endregion
        using var model = pairs.Fit(data);
        Assert.Equal(64, model.Transform(data).GetColumn<float[]>("Score").Count());
    }

    private static IEnumerable<Review> Reviews(int count)
    {
        string[] good = ["great film", "很好看", "lovely, really good"], bad = ["dull and bad", "太差了", "boring plot"];
        return Enumerable.Range(0, count).Select(i => i % 2 == 0 ? new Review { Text = good[i / 2 % 3], Label = "good" } : new Review { Text = bad[i / 2 % 3], Label = "bad" });
    }
}
