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

    [Theory, MemberData(nameof(Readers))]
    public void EnglishAndChinese_AreTold_ByPiecesThatWereLearnt(ModelConfig reader)
    {
        var data = ml.Data.LoadFromEnumerable(Reviews(60));
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(reader, options, featureColumnName: "Text")).Fit(data);
        var tokenizer = Assert.IsType<WordPiece>(model.LastTransformer.Tokenizer);
        Assert.Contains("好", tokenizer.Vocabulary!);
        Assert.Contains("great", tokenizer.Vocabulary!);
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy > 0.9);
    }

    [Fact]
    public void TokenizerOfAModel_ServesAnother_AndComesBackFromItsFile()
    {
        var data = ml.Data.LoadFromEnumerable(Reviews(60));
        using var model = Pipeline("Text").Fit(data);
        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = ((TransformerChain<ITransformer>)new MLContext().Model.Load(file, out _)).LastTransformer;
        var tokenizer = ((DeepTransformer)loaded).Tokenizer!;
        Assert.Equal(model.LastTransformer.Tokenizer, tokenizer);
        using var other = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new Lstm { HiddenSize = 8, EmbeddingSize = 4 },
            [new InputColumn("Text") { Tokenizer = tokenizer }], options with { Epochs = 1 })).Fit(ml.Data.LoadFromEnumerable([new Review { Text = "new words", Label = "good" }, new Review { Text = "other", Label = "bad" }]));
        Assert.Same(tokenizer, other.LastTransformer.Tokenizer);
    }

    [Fact]
    public void PairsOfTexts_AreOneStepBeforeTheTrainer_WhichKnowsTheirTokens()
    {
        // alike or not: neither text alone says it
        string[] words = ["north", "south", "东", "西"];
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 64).Select(i => new Pair { One = words[i % 4], Other = words[i / 4 % 4], Label = i % 4 == i / 4 % 4 ? "alike" : "unlike" }));
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.Text.Tokenize("Tokens", "One", pairColumnName: "Other"))
            .Append(ml.MulticlassClassification.Trainers.Deep(new Gru { HiddenSize = 32, EmbeddingSize = 16, Pooling = Pooling.Last }, options with { Epochs = 40 }, featureColumnName: "Tokens"));
        using var model = pipeline.Fit(data);
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy > 0.95);
        Assert.Equal(3, Assert.IsType<IdsShape>(model.LastTransformer.Model.InputShape).Separator);
        Assert.Null(model.LastTransformer.Tokenizer);

        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        Assert.Equal(Scores(model, data), Scores(loaded, data));
        using var engine = ml.Model.CreatePredictionEngine<Pair, Answer>(loaded);
        Assert.Equal(Scores(model, data)[1], engine.Predict(new Pair { One = "south", Other = "north" }).Score, (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Checkpoint_HasNoVocabulary_ButKnowsIt()
    {
        var folder = Directory.CreateTempSubdirectory("vocabulary").FullName;
        try
        {
            // one row has as many characters as a large vocabulary, in an order of its own
            List<Review> Rows(int shift) => [.. Reviews(20), .. Enumerable.Range(0, 2).Select(i => new Review { Text = string.Concat(Enumerable.Range(shift, 400).Select(k => char.ConvertFromUtf32(0x4E00 + 3 * k + i))), Label = "good" })];
            var tokenizer = new Characters().Fit(Rows(0).Concat(Rows(400)).Select(row => row.Text));
            Assert.True(tokenizer.Count > 1500);
            void Train(TextTokenizer tokens, int epochs) => ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new EmbeddingBag { EmbeddingSize = 4 },
                [new InputColumn("Text") { Tokenizer = tokens }], options with { Epochs = epochs, Checkpoints = new CheckpointPolicy(folder) })).Fit(ml.Data.LoadFromEnumerable(Rows(0))).Dispose();
            Train(tokenizer, 1);
            foreach (var file in Directory.GetFiles(folder, "*.checkpoint"))
            {
                using var archive = System.IO.Compression.ZipFile.OpenRead(file);
                Assert.InRange(archive.GetEntry("run.json")!.Length, 100, 8000);
            }
            Train(tokenizer, 2);
            var refused = Assert.Throws<InvalidOperationException>(() => Train(new Characters { Vocabulary = [.. ((Characters)tokenizer).Vocabulary!.Reverse()] }, 3));
            Assert.Matches(@"columns\[0\]\.text\.tokenizer\.vocabulary was ""1[0-9]{3} values, [0-9a-f]{32}"" and is", refused.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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

    public static TheoryData<ModelConfig> Readers => [new EmbeddingBag { EmbeddingSize = 16 }, new Lstm { EmbeddingSize = 16, HiddenSize = 16 }, new TemporalConvNet { Widths = [16], Pooling = Pooling.Max }];

    private sealed class Pair
    {
        public string One { get; set; } = "";

        public string Other { get; set; } = "";

        public string Label { get; set; } = "";
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
