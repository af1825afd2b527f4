using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Torch.Checkpoints;
using MLNet.DeepExtensions.Tests.Torch.Models.Text;

namespace MLNet.DeepExtensions.Tests.Torch.Text;

/// <summary>A network learns a small language from texts without labels, fills masks, and is what a classifier starts from.</summary>
[Collection(nameof(Alone))]
public sealed class MaskedLanguageModelTests : IDisposable
{
    private static readonly TransformerEncoder network = new() { Layers = 1, Heads = 2, HiddenSize = 32, FeedForwardSize = 64, Dropout = 0, MaxTokens = 32 };

    private static readonly DeepTrainerOptions options = new() { Epochs = 150, BatchSize = 16, Seed = 3, Optimizer = new AdamW { LearningRate = 0.003 } };

    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("masked-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void WhatIsHidden_IsLearnt_AndMasksAreFilled()
    {
        using var model = Fit();
        Assert.True(model.History.Epochs[^1].Train["loss"] < 0.6 * model.History.Epochs[0].Train["loss"], $"{model.History.Epochs[0].Train["loss"]} → {model.History.Epochs[^1].Train["loss"]}");
        Assert.True(model.History.Epochs[^1].Train["accuracy"] > 0.7);

        var filler = ml.DeepText().MaskFiller(model);
        Assert.Equal("[MASK]", filler.MaskToken);
        var best = filler.Fill("the [MASK]at sees a d[MASK]g", 3);
        Assert.Equal(2, best.Count);
        Assert.Equal(("c", "the cat sees a d[MASK]g"), (best[0][0].Token, best[0][0].Text));
        Assert.Equal(("o", "the [MASK]at sees a dog"), (best[1][0].Token, best[1][0].Text));
        Assert.All(best, tokens =>
        {
            Assert.Equal(3, tokens.Count);
            Assert.Equal(tokens.OrderByDescending(token => token.Probability), tokens);
            Assert.InRange(tokens.Sum(token => token.Probability), 0.5f, 1.00001f);
        });
    }

    [Fact]
    public void TheTransformer_SaysForEachMask_TheLikeliestToken_AndItsProbability_SavedOrNot()
    {
        using var model = Fit();
        var data = ml.Data.LoadFromEnumerable([new Text("the [MASK]at sees a d[MASK]g"), new Text("nothing is hidden here"), new Text(""), new Text("a d[MASK]g sees the cat")]);
        var scored = ml.Transforms.Conversion.MapKeyToValue("Token", "PredictedLabel").Fit(model.Transform(data)).Transform(model.Transform(data));
        var tokens = scored.GetColumn<ReadOnlyMemory<char>[]>("Token").Select(row => string.Join(" ", row)).ToList();
        Assert.Equal(["c o", "", "", "o"], tokens);
        var filler = ml.DeepText().MaskFiller(model);
        var scores = scored.GetColumn<float[]>("Score").ToList();
        Assert.Equal([2, 0, 0, 1], scores.Select(row => row.Length));
        Assert.Equal(filler.Fill("the [MASK]at sees a d[MASK]g", 1).Select(one => one[0].Probability), scores[0], (a, b) => Math.Abs(a - b) < 1e-5);

        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        using var loaded = (DeepTransformer)new MLContext().Model.Load(file, out _);
        Assert.Equal(scores, loaded.Transform(data).GetColumn<float[]>("Score"));
        Assert.Equal("c", ml.DeepText().MaskFiller(loaded).Fill("the [MASK]at")[0][0].Token);
        using var engine = ml.Model.CreatePredictionEngine<Text, Guess>(loaded);
        Assert.Equal(scores[0], engine.Predict(new Text("the [MASK]at sees a d[MASK]g")).Score, (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void AClassifier_StartsFromTheWeights_AndTakesTheVocabularyAlong()
    {
        using var pretrained = Fit();
        var log = new List<string>();
        ml.Log += (_, entry) =>
        {
            lock (log)
                log.Add(entry.Message);
        };
        // of these letters alone another vocabulary would be learnt
        var rows = ml.Data.LoadFromEnumerable([new Text("a cat") { Label = "cat" }, new Text("a dog") { Label = "dog" }]);
        using var model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(network, options with { Epochs = 1, InitialWeights = pretrained, Optimizer = new Sgd { LearningRate = 1e-12 } }, featureColumnName: "Text")).Fit(rows);
        var (own, taken) = (pretrained.Model.Saved.Inputs[0].Features.Text!.Tokenizer, model.LastTransformer.Model.Saved.Inputs[0].Features.Text!.Tokenizer);
        // masks are letters to it: only whoever asks for tokens reads them
        Assert.Equal((true, false), (own.ReadsSpecialTokens, taken.ReadsSpecialTokens));
        Assert.Equal(own, taken with { ReadsSpecialTokens = true });
        var (before, after) = (pretrained.Module.state_dict(), model.LastTransformer.Module.state_dict());
        var shared = after.Keys.Where(before.ContainsKey).ToList();
        Assert.Contains(shared, name => name.StartsWith("layers.0.", StringComparison.Ordinal));
        Assert.Equal(after.Keys.Where(name => !name.StartsWith("fc.", StringComparison.Ordinal)), shared);
        Assert.All(shared, name => Assert.True(before[name].allclose(after[name]), name));
        Assert.Contains(log, message => message.Contains("tensors were loaded from the fitted network", StringComparison.Ordinal));
    }

    [Fact]
    public void APublishedNetwork_LearnsOn_UnderItsOwnNames_AndStartsAClassifier()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var published = PublishedFolder.OfBert();
        var bert = PretrainedModel.FromFolder(published.Path, PublishedFolder.Tokenizer);
        using var model = Trainer(options with { Epochs = 1, Optimizer = new Sgd { LearningRate = 1e-12 } }, bert).Fit(Texts(20));
        var (file, after) = (published.Read(), model.Module.state_dict());
        Assert.Equal(file.Keys.Order(StringComparer.Ordinal), after.Keys.Order(StringComparer.Ordinal));
        Assert.Contains(after.Keys, name => name.StartsWith("cls.predictions.", StringComparison.Ordinal));
        Assert.All(after, entry => Assert.True(entry.Value.allclose(file[entry.Key].view(entry.Value.shape)), entry.Key));

        using var learnt = Trainer(options with { Epochs = 3 }, bert).Fit(Texts(60));
        using var classifier = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(bert, options with { Epochs = 1, InitialWeights = learnt, Optimizer = new Sgd { LearningRate = 1e-12 } }, featureColumnName: "Text")).Fit(Texts(20));
        const string layer = "bert.encoder.layer.0.output.dense.weight";
        Assert.True(classifier.LastTransformer.Module.state_dict()[layer].allclose(learnt.Module.state_dict()[layer]));
        Assert.False(file[layer].allclose(learnt.Module.state_dict()[layer]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatIsAskedAbout_IsAnsweredAsInTheWhole(bool published)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var shape = new IdsShape(30) { Separator = 3 };
        ModelConfig reader = published ? (ModelConfig)new Bert().Smallest().Model : network;
        using var module = (TorchSharp.torch.nn.Module<ModelInput, TorchSharp.torch.Tensor>)reader.WithTokenHead()!.Build(shape, 30);
        module.eval();
        var column = new InputTensor("Text", TorchSharp.torch.tensor(new int[] { 2, 7, 4, 3, 0, 0, 2, 4, 8, 4, 9, 3 }, 2, 6), TorchSharp.torch.tensor(new long[] { 4, 6 }));
        var (asked, counts) = AskedSteps.Find(column, token: 4);
        Assert.Equal([1, 2], counts);
        Assert.Equal([2, 7, 9], asked.data<long>().ToArray());
        var whole = module.call(new ModelInput([column])).flatten(0, 1).index_select(0, asked);
        Assert.True(whole.allclose(AskedSteps.Answer(module, new ModelInput([column]), asked, 30), atol: 1e-6));
    }

    [Fact]
    public void Validation_IsOfTheSameHiddenTokens_EachTime()
    {
        var (train, validation) = (Texts(60), Texts(20));
        using var model = Trainer(options with { Epochs = 3, Optimizer = new Sgd { LearningRate = 1e-12 }, KeepBestWeights = false }).Fit(train, validation);
        Assert.Single(model.History.Epochs.Select(epoch => epoch.Validation!["loss"]).Distinct());
        Assert.Equal(3, model.History.Epochs.Select(epoch => epoch.Train["loss"]).Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void ARunThatWasInterrupted_GoesOn_WithTheSameBits(long step)
    {
        DeepTrainerOptions Options() => options with { Epochs = 2, ValidationFraction = 0.2, BatchesPerStep = 2, BatchSize = 8, KeepBestWeights = false };
        DeepTransformer Run(DeepTrainerOptions with) => Trainer(with, network with { Dropout = 0.2 }).Fit(Texts(60));
        var whole = Outcome.Of(Run, Options());
        Outcome.OfInterrupted(Run, Options, new CheckpointPolicy(folder), new Interruption(step)).AssertSame(whole);
    }

    [Fact]
    public void FitAndFill_LeaveNoTensorBehind()
    {
        using (var first = Fit(epochs: 1))
            ml.DeepText().MaskFiller(first).Fill("[MASK]");
        // a network that is built and disposed leaves TorchSharp's counter above what it was: a fit must add nothing to that
        var tokens = new Characters().Fit(Texts(60).GetColumn<string>("Text")).Count;
        Assert.Equal(LiveTensors.LeftBy(() => network.WithTokenHead().Build(new IdsShape(tokens), tokens).Dispose()), LiveTensors.LeftBy(() => Fit(epochs: 1).Dispose()));
        using var kept = Fit(epochs: 1);
        ml.DeepText().MaskFiller(kept).Fill("the c[MASK]t");
        Assert.Equal(0, LiveTensors.LeftBy(() => ml.DeepText().MaskFiller(kept).Fill("the c[MASK]t")));
        Assert.Equal(0, LiveTensors.LeftBy(() => kept.Transform(Texts(3)).GetColumn<float[]>("Score").ToList()));
    }

    [Fact]
    public void WhatCannotWork_IsRefused_WithWhatToWrite()
    {
        Assert.Contains("new TransformerEncoder()", Assert.Throws<ArgumentException>(() => ml.DeepText().Trainers.MaskedLanguageModel(new Mlp())).Message, StringComparison.Ordinal);
        Assert.Contains("Share", Assert.Throws<ArgumentException>(() => ml.DeepText().Trainers.MaskedLanguageModel(network, masking: new TokenMasking { Share = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("more than 1", Assert.Throws<ArgumentException>(() => ml.DeepText().Trainers.MaskedLanguageModel(network, masking: new TokenMasking { Replaced = 0.5 })).Message, StringComparison.Ordinal);
        Assert.Contains("Sampling", Assert.Throws<ArgumentException>(() => Trainer(options with { Sampling = new ClassBalanced() }).Fit(Texts(4))).Message, StringComparison.Ordinal);
        Assert.Contains("Balance", Assert.Throws<ArgumentException>(() => Trainer(options with { Loss = new CrossEntropy { Balance = true } }).Fit(Texts(4))).Message, StringComparison.Ordinal);
        var numbers = ml.Data.LoadFromEnumerable([new { Text = 1f }]);
        Assert.Contains("'Text'", Assert.Throws<ArgumentOutOfRangeException>(() => Trainer(options).Fit(numbers)).Message, StringComparison.Ordinal);

        using var model = Fit(epochs: 1);
        Assert.Contains("no [MASK]", Assert.Throws<ArgumentException>(() => ml.DeepText().MaskFiller(model).Fill("nothing")).Message, StringComparison.Ordinal);
        using var other = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(network, options with { Epochs = 1 }, featureColumnName: "Text")).Fit(Texts(4)).LastTransformer;
        Assert.Contains("MaskedLanguageModel", Assert.Throws<ArgumentException>(() => ml.DeepText().MaskFiller(other)).Message, StringComparison.Ordinal);
    }

    private DeepTransformer Fit(int epochs = 150) => Trainer(options with { Epochs = epochs }).Fit(Texts(60));

    private DeepTrainer Trainer(DeepTrainerOptions with, ModelConfig? model = null) => ml.DeepText().Trainers.MaskedLanguageModel(model ?? network, options: with);

    private IDataView Texts(int count)
    {
        string[] who = ["cat", "dog"], what = ["sees", "likes"], article = ["a", "the"];
        return ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Text($"{article[i % 2]} {who[i / 2 % 2]} {what[i / 4 % 2]} {article[i / 8 % 2]} {who[i / 16 % 2]}") { Label = who[i / 2 % 2] }));
    }

    private sealed class Text(string value)
    {
        public Text() : this("")
        {
        }

        [ColumnName("Text")]
        public string Value { get; set; } = value;

        public string Label { get; set; } = "";
    }

    private sealed class Guess
    {
        public float[] Score { get; set; } = [];
    }
}
