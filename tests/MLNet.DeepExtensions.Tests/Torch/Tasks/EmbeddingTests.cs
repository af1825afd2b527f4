using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Conformance;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Tasks;

/// <summary>Embeddings from rows through training, saving and one prediction at a time.</summary>
[Collection(nameof(Alone))]
public sealed class EmbeddingTests
{
    private readonly MLContext ml = new(seed: 1);

    private sealed class Embedded
    {
        public float[] Embedding { get; set; } = [];
    }

    private static DeepTrainerOptions Options => Blobs.Options;

    private EstimatorChain<DeepTransformer> Pipeline(DeepTrainerOptions? options = null) =>
        ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.DeepEmbedding(new Mlp { HiddenSizes = [16] }, options ?? Options, embeddingSize: 6));

    public static TheoryData<Type> Losses => [.. LossConfig.Registered.Where(type => ((LossConfig)Activator.CreateInstance(type)!).Targets == TargetKind.Identity)];

    [Fact]
    public void DeepEmbedding_KeepsTheEstimatorContract() => EstimatorContract.Check(ml, Pipeline(), Blobs.View(ml, 60));

    [Theory, MemberData(nameof(Losses))]
    public void EveryLoss_LearnsToTellClassesApart_WhichRawFeaturesDoNot(Type type)
    {
        var (train, test) = (Noisy(300, seed: 7), Noisy(90, seed: 8));
        using var model = Pipeline(Options with { Epochs = 20, Loss = (LossConfig)Activator.CreateInstance(type)! }).Fit(train);
        var learnt = VerificationCurve.Of(model.Transform(test)).EqualErrorRate;
        var raw = VerificationCurve.Of(test, embeddingColumnName: "Features").EqualErrorRate;
        Assert.True(learnt < 0.05 && raw > 0.2, $"EER {learnt:P1}, of raw features {raw:P1}");
    }

    // the last feature says nothing, and is made to drown the others
    private IDataView Noisy(int count, int seed)
    {
        var rows = Blobs.Rows(count, seed);
        foreach (var row in rows)
            row.Features[^1] *= 8;
        return ml.Data.LoadFromEnumerable(rows);
    }

    [Theory]
    [InlineData(TripletMining.SemiHard)]
    [InlineData(TripletMining.BatchAll)]
    public void EveryMining_LearnsToTellClassesApart(TripletMining mining)
    {
        using var model = Pipeline(Options with { Epochs = 20, Loss = new Triplet { Mining = mining } }).Fit(Blobs.View(ml, 300));
        Assert.InRange(VerificationCurve.Of(model.Transform(Blobs.View(ml, 90, seed: 8))).EqualErrorRate, 0, 0.05);
    }

    [Fact]
    public void Embedding_HasLengthOne_AndIsTheSameInAnEngineOfASavedModel()
    {
        using var model = Pipeline().Fit(Blobs.View(ml, 60));
        using var file = new MemoryStream();
        ml.Model.Save(model, Blobs.View(ml, 60).Schema, file);
        file.Position = 0;
        using var engine = ml.Model.CreatePredictionEngine<Blobs.Row, Embedded>(new MLContext().Model.Load(file, out _));
        foreach (var (row, embedding) in Blobs.Rows(60).Zip(model.Transform(Blobs.View(ml, 60)).GetColumn<float[]>("Embedding")))
        {
            Assert.Equal(6, embedding.Length);
            Assert.Equal(1, embedding.Sum(value => value * value), 1e-5f);
            Assert.Equal(embedding, engine.Predict(row).Embedding, (a, b) => Math.Abs(a - b) < 1e-5f);
        }
    }

    [Fact]
    public void Validation_MayHaveClassesThatTrainingHasNot_AndItsErrorRateChoosesTheWeights()
    {
        var all = Blobs.Rows(120);
        var keys = ml.Transforms.Conversion.MapValueToKey("Label").Fit(ml.Data.LoadFromEnumerable(all));
        IDataView Part(Func<Blobs.Row, bool> mine) => keys.Transform(ml.Data.LoadFromEnumerable(all.Where(mine).ToList()));
        var trainer = ml.Transforms.DeepEmbedding(new Mlp { HiddenSizes = [16] }, Options with { Epochs = 6, Sampling = new ClassesPerBatch { Classes = 2 } }, embeddingSize: 4);
        using var model = trainer.Fit(Part(row => row.Label != "kind 2"), Part(row => row.Label != "kind 0"));
        var rates = model.History.Epochs.Select(epoch => epoch.Validation!["eer"]).ToList();
        Assert.Equal(rates.IndexOf(rates.Min()) + 1, model.History.BestEpoch);
        Assert.Equal(rates.Min(), VerificationCurve.Of(model.Transform(Part(row => row.Label != "kind 0"))).EqualErrorRate, 1e-3);
    }

    [Fact]
    public void EarlyStopping_WatchesTheErrorRate_AndLowerIsBetter()
    {
        using var model = Pipeline(Options with { Epochs = 40, ValidationFraction = 0.3, Callbacks = [new EarlyStopping { Monitor = "eer", Patience = 2 }] }).Fit(Blobs.View(ml, 120));
        Assert.Equal(StopReason.Requested, model.LastTransformer.History.Stopped);
        Assert.True(model.LastTransformer.History.Epochs[model.LastTransformer.History.BestEpoch - 1].Validation!["eer"] < 0.2);
    }

    [Fact]
    public void BestWeightsMonitor_OfAClassifier_ChoosesByAccuracy()
    {
        using var model = Blobs.Pipeline(ml, Options with { Epochs = 8, ValidationFraction = 0.3, BestWeightsMonitor = "accuracy" }).Fit(Blobs.View(ml, 120)).LastTransformer;
        var accuracies = model.History.Epochs.Select(epoch => epoch.Validation!["accuracy"]).ToList();
        Assert.Equal(accuracies.IndexOf(accuracies.Max()) + 1, model.History.BestEpoch);
        Assert.Contains("KeepBestWeights watches 'f1'", Assert.Throws<InvalidOperationException>(() =>
            Blobs.Pipeline(ml, Options with { ValidationFraction = 0.3, BestWeightsMonitor = "f1" }).Fit(Blobs.View(ml, 60))).Message);
    }

    [Fact]
    public void OwnModuleAndColumnNames_Work()
    {
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Kind", "Label").Append(ml.Transforms.DeepEmbedding(
            (shape, size) => nn.Sequential(nn.Linear(shape.Count, size)), Options, "Vector", labelColumnName: "Kind", embeddingSize: 3));
        using var model = pipeline.Fit(Blobs.View(ml, 60));
        Assert.Equal(3, model.Transform(Blobs.View(ml, 6)).GetColumn<float[]>("Vector").First().Length);
    }

    [Fact]
    public void SameSeed_SameBits_AndNoTensorIsLeft()
    {
        float[][] Run()
        {
            using var model = Pipeline(Options with { Loss = new ArcFace(), Metrics = [new EqualErrorRate(), new RecallAt1()], ValidationFraction = 0.2 }).Fit(Blobs.View(ml, 60));
            return [.. model.Transform(Blobs.View(ml, 10)).GetColumn<float[]>("Embedding")];
        }
        Assert.Equal(Run(), Run());
        // TorchSharp counts the empty wrappers that parameters were made from until the garbage collector takes them
        var wrappers = LiveTensors.LeftBy(() =>
        {
            new Mlp { HiddenSizes = [16] }.Build(new VectorShape(Blobs.Width), 6).Dispose();
            new ArcFace { Classes = 3 }.Build(6, CPU).Dispose();
        });
        Assert.Equal(wrappers, LiveTensors.LeftBy(() => Run()));
    }

    [Fact]
    public void ParameterGroups_ReachWhatTheLossLearns()
    {
        var optimizer = new AdamW { LearningRate = 0.02, Groups = [new ParameterGroup("loss.weight") { LearningRateFactor = 10, WeightDecay = 0 }] };
        using var model = Pipeline(Options with { Loss = new ArcFace(), Optimizer = optimizer }).Fit(Blobs.View(ml, 60));
        Assert.True(model.LastTransformer.History.Epochs[^1].Train["loss"] < model.LastTransformer.History.Epochs[0].Train["loss"]);
    }

    [Fact]
    public void WhatDoesNotFit_SaysWhatToWrite()
    {
        var keyed = ml.Transforms.Conversion.MapValueToKey("Label").Fit(Blobs.View(ml, 30)).Transform(Blobs.View(ml, 30));
        DeepTrainer Trainer(DeepTrainerOptions options) => ml.Transforms.DeepEmbedding(new Mlp(), options);
        Assert.Contains("MapValueToKey(\"Label\")", Assert.Throws<ArgumentOutOfRangeException>(() => Trainer(Options).Fit(Blobs.View(ml, 30))).Message);
        Assert.Contains("CrossEntropy takes targets of kind ClassIndex", Assert.Throws<ArgumentException>(() => Trainer(Options with { Loss = new CrossEntropy() }).Fit(keyed)).Message);
        Assert.Contains("Accuracy measures targets of kind ClassIndex", Assert.Throws<ArgumentException>(() => Trainer(Options with { Metrics = [new Accuracy()] }).Fit(keyed)).Message);
        Assert.Contains("only 3 have training rows", Assert.Throws<ArgumentException>(() => Trainer(Options with { Sampling = new ClassesPerBatch { Classes = 4 } }).Fit(keyed)).Message);
        Assert.Contains("Set CacheFolder", Assert.Throws<InvalidOperationException>(() => Trainer(Options with { CacheBudget = 100 }).Fit(keyed)).Message);
        Assert.Contains("the numbers of the embedding", Assert.Throws<ArgumentException>(() =>
            ml.Transforms.DeepEmbedding((shape, size) => nn.Sequential(nn.Linear(shape.Count, size + 1)), Options).Fit(keyed)).Message);
        Assert.Contains("Leave Sampling unset", Assert.Throws<ArgumentException>(() =>
            ml.Regression.Trainers.Deep(new Mlp(), Options with { Sampling = new ClassBalanced() }, labelColumnName: "Weight").Fit(Blobs.View(ml, 30))).Message);
    }

    // nine of ten rows are no: without balance the answers lean there
    [Fact]
    public void ClassBalanced_OfYesAndNo_RaisesTheShareOfYes()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 300).Select(i => new YesOrNo { Label = i % 10 == 0, Features = [(float)random.NextDouble() + (i % 10 == 0 ? 0.3f : 0), (float)random.NextDouble()] }).ToList();
        var data = ml.Data.LoadFromEnumerable(rows);
        double Mean(Sampling? sampling)
        {
            using var model = ml.BinaryClassification.Trainers.Deep(new Mlp { HiddenSizes = [8] }, Options with { Sampling = sampling }).Fit(data);
            return model.Transform(data).GetColumn<float>("Probability").Average();
        }
        Assert.InRange(Mean(null), 0.02, 0.2);
        Assert.InRange(Mean(new ClassBalanced()), 0.25, 0.6);
    }

    private sealed class YesOrNo
    {
        public bool Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
