using Microsoft.ML;
using MLNet.DeepExtensions.Tests.Core.Hub;
using MLNet.DeepExtensions.Tests.Torch.Models.Text;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/text-pretraining.md, run as it is shown there.</summary>
[Collection(nameof(Alone))]
public sealed class TextPretrainingTests
{
    private readonly MLContext ml = new(seed: 1);
    private readonly DeepTrainerOptions options = new() { Epochs = 3, BatchSize = 16, Optimizer = new AdamW { LearningRate = 2e-3 } };

    public sealed class Review
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }

    [Fact]
    public void ALanguage_IsLearnt_Asked_AndStartedFrom()
    {
        string[] things = ["soup", "room", "coffee", "waiter"], praise = ["was warm", "was lovely"], blame = ["was cold", "was awful"];
        var rows = Enumerable.Range(0, 160).Select(i => new Review { Text = $"the {things[i % 4]} {(i / 4 % 2 == 0 ? praise : blame)[i / 8 % 2]}", Label = i / 4 % 2 == 0 ? "praise" : "blame" }).ToList();
        var texts = ml.Data.LoadFromEnumerable(rows);
        var reviews = texts;

        #region pretrain
        var network = new TransformerEncoder { Tokenizer = new WordPiece { VocabularySize = 8000 }, MaxTokens = 128 };
        using var language = ml.DeepText().Trainers.MaskedLanguageModel(network, "Text", options).Fit(texts);
        Console.WriteLine($"of hidden tokens it guesses {language.History.Epochs[^1].Train["accuracy"]:P0}");
        #endregion
        Assert.InRange(language.History.Epochs[^1].Train["accuracy"], 0.2, 1);

        #region start
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(network, options with { InitialWeights = language }, featureColumnName: "Text"));
        using var model = pipeline.Fit(reviews);
        #endregion
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(reviews)).MicroAccuracy > 0.9);

        #region fill
        var filler = ml.DeepText().MaskFiller(language);
        foreach (var guess in filler.Fill($"the {filler.MaskToken} was cold", count: 3)[0])
            Console.WriteLine($"{guess.Probability:P0}  {guess.Text}");
        #endregion
        Assert.Equal("[MASK]", filler.MaskToken);
    }

    [Fact]
    public void AModel_ComesFromAHub()
    {
        using var published = PublishedFolder.OfBert();
        using var server = new HubServer { Id = "google-bert/bert-base-chinese" };
        server.With("config.json", File.ReadAllText(published.PathOf("config.json"))).With("model.safetensors", File.ReadAllBytes(published.PathOf("model.safetensors")), isLarge: true)
            .With("vocab.txt", string.Join('\n', ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. PublishedFolder.Tokenizer.Vocabulary!]));
        var hub = new HubOptions { Endpoint = server.Endpoint, Offline = false };
        try
        {
            #region hub
            var bert = PretrainedModel.FromHub("google-bert/bert-base-chinese", revision: "main", cacheDirectory: "models", hub);
            #endregion
            Assert.IsType<Bert>(bert);
            Assert.Single(Directory.GetFiles("models", "model.safetensors", SearchOption.AllDirectories));
            // and now without a network
            Assert.Equal(((Bert)bert).HiddenSize, PretrainedModel.FromHub<Bert>("google-bert/bert-base-chinese", cacheDirectory: "models", options: hub with { Offline = true }).HiddenSize);
        }
        finally
        {
            Directory.Delete("models", recursive: true);
        }
    }
}
