using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Torch.Checkpoints;
using TorchSharp;

namespace MLNet.DeepExtensions.Tests.Torch.Text;

/// <summary>Networks that learn which token follows: train, judge, save, load.</summary>
[Collection(nameof(Alone))]
public sealed class LanguageModelTests : IDisposable
{
    private readonly SmallTexts texts = new();
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"writing-{Guid.NewGuid():N}");

    private MLContext Ml => texts.Ml;

    public static TheoryData<ModelConfig> Networks => [SmallTexts.Network, SmallTexts.Network with { Positions = Positions.Rotary, TieEmbeddings = false, Activation = Activation.Gelu },
        new Lstm { HiddenSize = 32, Pooling = Pooling.None }];

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    [Theory, MemberData(nameof(Networks))]
    public void WhatIsSaidAgainAndAgain_IsLearnt(ModelConfig network)
    {
        using var model = texts.Train(network, SmallTexts.Options with { Epochs = 20 }, window: 16);
        var metrics = Ml.DeepText().Evaluate(model.Transform(texts.Data(2)));
        Assert.True(metrics.NatsPerToken < 0.5, $"{metrics}");
        Assert.Equal(24 * 11, metrics.Tokens);
        Assert.Equal(Math.Exp(metrics.NatsPerToken), metrics.Perplexity, 1e-9);
        Assert.Equal(Math.Exp(model.History.Epochs[^1].Train["loss"]), model.History.Epochs[^1].Train["perplexity"], 1e-4);
    }

    [Fact]
    public void Validation_IsWhatEvaluateSays_OfTheSameTexts()
    {
        var validation = texts.Data(1, "the mat sat on a cat? ");
        using var model = Ml.DeepText().Trainers.CausalLanguageModel(SmallTexts.Network, "Text", SmallTexts.Options with { KeepBestWeights = false }).Fit(texts.Data(), validation);
        var metrics = Ml.DeepText().Evaluate(model.Transform(validation));
        Assert.Equal(model.History.Epochs[^1].Validation!["loss"], metrics.NatsPerToken, 1e-5);
        Assert.Equal(model.History.Epochs[^1].Validation!["perplexity"], metrics.Perplexity, 1e-4 * metrics.Perplexity);
    }

    [Fact]
    public void ALikelihood_IsTheProductOfItsTokens_EachByThoseBeforeIt()
    {
        using var model = texts.Train();
        var tokenizer = model.Model.Saved.Inputs[0].Features.Text!.Tokenizer;
        var row = Ml.Data.CreateEnumerable<Judged>(model.Transform(Ml.Data.LoadFromEnumerable([new Document { Text = "the cat" }])), reuseRowObject: false).Single();
        int[] ids = [tokenizer.Special.EndOfText!.Value, .. tokenizer.Encode("the cat").Skip(1).SkipLast(1)];
        using var scope = torch.NewDisposeScope();
        using var inference = torch.inference_mode();
        var output = ((torch.nn.Module<ModelInput, torch.Tensor>)model.Module).call(torch.tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0)).log_softmax(2);
        var expected = Enumerable.Range(0, 7).Sum(step => output[0, step, ids[step + 1]].ToDouble());
        Assert.Equal(expected, row.LogLikelihood, 1e-4);
        Assert.Equal((7, Math.Exp(-expected / 7)), (row.Tokens, (double)row.Perplexity), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-3 * b.Item2);
    }

    [Fact]
    public void TextsOfAnyLength_AreJudgedAlike_AloneAndTogether_AndByAnEngine()
    {
        using var model = texts.Train();
        List<Document> rows = [new() { Text = "" }, new() { Text = "t" }, .. Enumerable.Range(1, 40).Select(i => new Document { Text = string.Concat(Enumerable.Repeat("the dog sat. ", i))[..(i * 7 % 12 + i)] }), new() { Text = "ЖЖ" }];
        var together = Judge(model, rows);
        using var engine = Ml.Model.CreatePredictionEngine<Document, Judged>(model);
        foreach (var (row, judged) in rows.Zip(together))
        {
            var alone = engine.Predict(row);
            Assert.Equal(row.Text.Length, judged.Tokens);
            Assert.Equal(judged.Tokens, alone.Tokens);
            Assert.Equal(judged.LogLikelihood, alone.LogLikelihood, 1e-4f * Math.Max(1, Math.Abs(judged.LogLikelihood)));
        }
        Assert.True(float.IsNaN(together[0].Perplexity));
        Assert.Equal(0, together[0].LogLikelihood);
    }

    [Fact]
    public void SavedAndLoaded_ItJudgesTheSame_AndWritesTheSame()
    {
        using var model = texts.Train();
        using var file = new MemoryStream();
        Ml.Model.Save(model, texts.Data().Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        List<Document> rows = [new() { Text = "the cat sat on the mat" }, new() { Text = "a dog" }];
        Assert.Equal(Judge(model, rows).Select(row => row.LogLikelihood), Judge(loaded, rows).Select(row => row.LogLikelihood));
        var options = new GenerationOptions { MaxNewTokens = 30, Seed = 1 };
        Assert.Equal(model.CreateTextGenerator().Generate("the", options), loaded.CreateTextGenerator().Generate("the", options));
    }

    [Fact]
    public void InterruptedAnywhere_ItHasTheSameBits()
    {
        DeepTransformer Fit(DeepTrainerOptions options) => Ml.DeepText().Trainers.CausalLanguageModel(SmallTexts.Network with { Dropout = 0.2 }, "Text", options).Fit(texts.Data(), texts.Data(2, "the mat sat. "));
        DeepTrainerOptions Options() => SmallTexts.Options with { Epochs = 3, Schedule = new Warmup { Length = 4, Then = new CosineDecay() }, ClipGradientNorm = 1 };
        var interrupted = Outcome.OfInterrupted(Fit, Options, new CheckpointPolicy(folder) { EverySteps = 2 }, new Interruption(3), new Interruption(9, Means: Means.Crash), new Interruption(17, Moment.EpochEnd));
        Outcome.Of(Fit, Options()).AssertSame(interrupted);
    }

    [Fact]
    public void MaxSteps_EndsARun_AndValidationFractionSetsTheEndAside()
    {
        using var model = texts.Train(options: SmallTexts.Options with { MaxSteps = 5, ValidationFraction = 0.25 });
        Assert.Equal(StopReason.LimitReached, model.History.Stopped);
        using var whole = texts.Train(options: SmallTexts.Options with { ValidationFraction = 0.25, Epochs = 1 });
        Assert.NotNull(whole.History.Epochs[0].Validation);
    }

    [Fact]
    public void ANetworkThatSeesWhatItIsToSay_IsRefused() => Assert.Contains("looks back only",
        Assert.Throws<ArgumentException>(() => texts.Train(new Lstm { HiddenSize = 8, Pooling = Pooling.None, Bidirectional = true }, window: 16)).Message);

    [Fact]
    public void ANetworkWithOneAnswerForAll_IsRefused() => Assert.Contains("for each step",
        Assert.Throws<ArgumentException>(() => texts.Train(SmallTexts.Network with { Pooling = Pooling.Last })).Message);

    [Fact]
    public void AWindowLongerThanTheContext_IsRefused() => Assert.Contains("Set Gpt.Context", Assert.Throws<ArgumentException>(() => texts.Train(window: 64)).Message);

    [Theory]
    [InlineData("Number", "The text column 'Number' must be text, but is Single")]
    [InlineData("Nothing", "The text column 'Nothing' is not in the data")]
    public void AColumnThatIsNoText_IsSaidBeforeTraining(string column, string message)
    {
        var data = Ml.Data.LoadFromEnumerable([new Numbered { Text = "a", Number = 1 }]);
        Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(() => Ml.DeepText().Trainers.CausalLanguageModel(SmallTexts.Network, column).Fit(data)).Message);
    }

    [Fact]
    public void ATextOfOneToken_SaysThatItIsTooShort() => Assert.Contains("The training texts have 1 tokens",
        Assert.Throws<InvalidOperationException>(() => Ml.DeepText().Trainers.CausalLanguageModel(SmallTexts.Network).Fit(Ml.Data.LoadFromEnumerable([new Document()]))).Message);

    [Fact]
    public void AGpt_JudgesWholeTextsToo()
    {
        var rows = Enumerable.Range(0, 60).Select(i => new Rated { Text = i % 2 == 0 ? "great film, " + i : "dull film, " + i, Good = i % 2 == 0 });
        var data = Ml.Data.LoadFromEnumerable(rows);
        using var model = Ml.BinaryClassification.Trainers.Deep(SmallTexts.Network with { Pooling = Pooling.Last }, SmallTexts.Options with { Epochs = 15 }, labelColumnName: "Good", featureColumnName: "Text").Fit(data);
        Assert.True(Ml.BinaryClassification.Evaluate(model.Transform(data), labelColumnName: "Good").Accuracy > 0.95);
    }

    [Fact]
    public void Evaluate_OfOtherData_SaysWhatItNeeds() => Assert.Contains("LogLikelihood", Assert.Throws<ArgumentException>(() => Ml.DeepText().Evaluate(texts.Data())).Message);

    [Fact]
    public void NoLiveTensor_IsLeftBehind()
    {
        Once();
        var wrappers = LiveTensors.LeftBy(() => SmallTexts.Network.Build(new IdsShape(20), 20).Dispose());
        Assert.Equal(wrappers, LiveTensors.LeftBy(Once));

        void Once()
        {
            using var model = texts.Train(options: SmallTexts.Options with { Epochs = 1 });
            Judge(model, [new Document { Text = "the cat" }]);
            model.CreateTextGenerator().Generate(["the", "a"], new GenerationOptions { MaxNewTokens = 20 });
        }
    }

    private List<Judged> Judge(ITransformer model, IEnumerable<Document> rows) => [.. Ml.Data.CreateEnumerable<Judged>(model.Transform(Ml.Data.LoadFromEnumerable(rows)), reuseRowObject: false)];

    private sealed class Judged
    {
        public float LogLikelihood { get; set; }

        public int Tokens { get; set; }

        public float Perplexity { get; set; }
    }

    private sealed class Numbered
    {
        public string Text { get; set; } = "";

        public float Number { get; set; }
    }

    private sealed class Rated
    {
        public string Text { get; set; } = "";

        public bool Good { get; set; }
    }
}
