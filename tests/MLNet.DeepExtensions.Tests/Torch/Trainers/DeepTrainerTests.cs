using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Conformance;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

public class DeepTrainerTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Fit_LearnsThreeClouds()
    {
        using var model = Blobs.Pipeline(ml).Fit(Blobs.View(ml, 600));
        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(Blobs.View(ml, 300, seed: 8)));
        Assert.True(metrics.MicroAccuracy > 0.97, $"accuracy {metrics.MicroAccuracy}");
        Assert.True(metrics.LogLoss < 0.3, $"log-loss {metrics.LogLoss}");
    }

    [Fact]
    public void Trainer_KeepsTheEstimatorContract() => EstimatorContract.Check(ml, Blobs.Pipeline(ml), Blobs.View(ml, 90));

    [Fact]
    public void Trainer_WithMapKeyToValueBehind_KeepsTheEstimatorContract() =>
        EstimatorContract.Check(ml, Blobs.Pipeline(ml).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedName", "PredictedLabel")), Blobs.View(ml, 90));

    [Fact]
    public void Trainer_OnBytes_KeepsTheEstimatorContract()
    {
        var random = new Random(3);
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new Bytes
        {
            Label = (byte)(i % 4),
            Features = [.. Enumerable.Range(0, 144).Select(j => (byte)(j / 36 == i % 4 ? 200 : random.Next(60)))],
        }).ToList());
        EstimatorContract.Check(ml, ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new LeNet5(), Blobs.Options)), data);
    }

    [Fact]
    public void Score_SumsToOne_AndItsSlotsAreNamedAfterTheClasses()
    {
        using var model = Blobs.Pipeline(ml).Fit(Blobs.View(ml, 90));
        var scored = model.Transform(Blobs.View(ml, 30));
        Assert.All(scored.GetColumn<float[]>("Score"), scores => Assert.Equal(1, scores.Sum(), 1e-5));
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        Assert.Equal(["kind 0", "kind 1", "kind 2"], names.DenseValues().Select(name => name.ToString()));
    }

    [Fact]
    public void ScoresDoNotDependOnTheBatchSize()
    {
        var data = Blobs.View(ml, 101);
        var reference = Scores(1024);
        foreach (var size in new[] { 1, 2, 7, 64 })
            foreach (var (a, b) in reference.Zip(Scores(size)))
                for (var i = 0; i < a.Length; i++)
                    Assert.Equal(a[i], b[i], 1e-5f * Math.Max(a[i], 1e-3f));

        float[][] Scores(int batchSize)
        {
            using var model = Blobs.Pipeline(ml, Blobs.Options with { ScoringBatchSize = batchSize }).Fit(data);
            return [.. model.Transform(data).GetColumn<float[]>("Score")];
        }
    }

    [Fact]
    public void History_HasEveryEpochWithItsMetrics()
    {
        using var model = Blobs.Pipeline(ml, Blobs.Options with { ValidationFraction = 0.25 }).Fit(Blobs.View(ml, 200));
        var history = model.LastTransformer.History;
        Assert.Equal([1, 2, 3, 4], history.Epochs.Select(epoch => epoch.Epoch));
        Assert.All(history.Epochs, epoch => Assert.Equal(150, epoch.Rows));
        Assert.All(history.Epochs, epoch => Assert.True(epoch.Train["loss"] > 0 && epoch.Validation!["accuracy"] is >= 0 and <= 1));
        Assert.Equal(StopReason.Completed, history.Stopped);
        Assert.Equal(history.Epochs.MinBy(epoch => epoch.Validation!["loss"])!.Epoch, history.BestEpoch);
    }

    [Fact]
    public void ValidationLoss_IsThatOfTheModelOnTheValidationRows()
    {
        var (train, validation) = (Blobs.View(ml, 150), Blobs.View(ml, 77, seed: 9));
        var keys = ml.Transforms.Conversion.MapValueToKey("Label").Fit(train);
        using var model = ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [16] }, Blobs.Options).Fit(keys.Transform(train), keys.Transform(validation));
        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(keys.Transform(validation)));
        var best = model.History.Epochs[model.History.BestEpoch - 1].Validation!;
        Assert.Equal(metrics.LogLoss, best["loss"], 1e-5);
        Assert.Equal(metrics.MicroAccuracy, best["accuracy"], 1e-9);
    }

    [Fact]
    public void RowsWithoutALabel_AreLeftOutWithOneWarning()
    {
        var rows = Blobs.Rows(60);
        var known = ml.Transforms.Conversion.MapValueToKey("Label").Fit(ml.Data.LoadFromEnumerable(rows));
        rows[3].Label = rows[4].Label = "never seen";
        var warnings = new List<string>();
        ml.Log += (_, entry) => { if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning) warnings.Add(entry.Message); };
        using var model = ml.MulticlassClassification.Trainers.Deep(new Mlp(), Blobs.Options).Fit(known.Transform(ml.Data.LoadFromEnumerable(rows)));
        Assert.Equal(58, model.History.Epochs[0].Rows);
        Assert.Single(warnings, message => message.Contains("2 without a label"));
    }

    [Fact]
    public void Fit_NaNInTheFeatures_NamesTheRow()
    {
        var rows = Blobs.Rows(60);
        rows[17].Features[2] = float.NaN;
        var error = Assert.Throws<InvalidOperationException>(() => Blobs.Pipeline(ml).Fit(ml.Data.LoadFromEnumerable(rows)));
        Assert.Contains("row 17", error.Message);
        Assert.Contains("ReplaceMissingValues(\"Features\")", error.Message);
    }

    [Theory]
    [InlineData(MissingFeatures.SkipRow, 59)]
    [InlineData(MissingFeatures.Zero, 60)]
    public void Fit_NaNInTheFeatures_DoesWhatTheOptionSays(MissingFeatures missing, long rowsUsed)
    {
        var rows = Blobs.Rows(60);
        rows[17].Features[2] = float.NaN;
        using var model = Blobs.Pipeline(ml, Blobs.Options with { MissingFeatures = missing }).Fit(ml.Data.LoadFromEnumerable(rows));
        Assert.Equal(rowsUsed, model.LastTransformer.History.Epochs[0].Rows);
        Assert.All(model.LastTransformer.History.Epochs, epoch => Assert.True(double.IsFinite(epoch.Train["loss"])));
    }

    [Fact]
    public void Transform_NaNInTheFeatures_TouchesThatRowAlone()
    {
        var rows = Blobs.Rows(40);
        using var model = Blobs.Pipeline(ml).Fit(ml.Data.LoadFromEnumerable(rows));
        var before = model.Transform(ml.Data.LoadFromEnumerable(rows)).GetColumn<float[]>("Score").ToArray();
        rows[5].Features[0] = float.NaN;
        var scored = model.Transform(ml.Data.LoadFromEnumerable(rows));
        var after = scored.GetColumn<float[]>("Score").ToArray();
        Assert.All(after[5], score => Assert.True(float.IsNaN(score)));
        Assert.Equal(0u, scored.GetColumn<uint>("PredictedLabel").ElementAt(5));
        for (var i = 0; i < rows.Count; i++)
            if (i != 5)
                Assert.Equal(before[i], after[i]);
    }

    [Fact]
    public void ExampleWeights_OfZero_AreAsIfTheRowsWereNotThere()
    {
        var rows = Blobs.Rows(120);
        // half of the rows lie about their class, and weigh nothing
        foreach (var row in rows.Where((_, i) => i % 2 == 1))
            (row.Weight, row.Label) = (0, "kind " + (row.Number + 1) % 3);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [16] }, Blobs.Options with { Epochs = 12 }, exampleWeightColumnName: "Weight"));
        using var model = pipeline.Fit(ml.Data.LoadFromEnumerable(rows));
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(Blobs.View(ml, 300, seed: 8))).MicroAccuracy > 0.95);
        Assert.True(model.LastTransformer.History.Epochs[^1].Train["accuracy"] > 0.95);
    }

    [Fact]
    public void Cancelled_ReturnsTheModelSoFar()
    {
        using var cancellation = new CancellationTokenSource();
        var options = Blobs.Options with { Epochs = 1000, CancellationToken = cancellation.Token, Callbacks = [new CancelAfter(cancellation, epoch: 3)] };
        using var model = Blobs.Pipeline(ml, options).Fit(Blobs.View(ml, 90));
        var history = model.LastTransformer.History;
        Assert.Equal(StopReason.Cancelled, history.Stopped);
        Assert.Equal(3, history.Epochs.Count);
        Assert.Equal(90, model.Transform(Blobs.View(ml, 90)).GetColumn<uint>("PredictedLabel").Count(label => label > 0));
    }

    [Fact]
    public void EarlyStopping_StopsAndTheBestWeightsAreKept()
    {
        var options = Blobs.Options with { Epochs = 500, ValidationFraction = 0.3, Callbacks = [new EarlyStopping { Patience = 2 }], Optimizer = new Adam { LearningRate = 0.1 } };
        using var model = Blobs.Pipeline(ml, options).Fit(Blobs.View(ml, 60));
        var history = model.LastTransformer.History;
        Assert.Equal(StopReason.Requested, history.Stopped);
        Assert.Equal(history.Epochs.Count - 2, history.BestEpoch);
    }

    [Fact]
    public void Fit_LossThatExplodes_ThrowsWithTheFacts()
    {
        var options = Blobs.Options with { Optimizer = new Sgd { LearningRate = 100 }, Epochs = 50 };
        var rows = Blobs.Rows(60);
        foreach (var row in rows)
            row.Features[0] *= 1e30f;
        var error = Assert.Throws<TrainingDivergedException>(() => Blobs.Pipeline(ml, options).Fit(ml.Data.LoadFromEnumerable(rows)));
        Assert.Equal(100, error.LearningRate);
        Assert.True(error.Epoch >= 1 && error.Step >= 1 && !double.IsFinite(error.Loss));
        Assert.Contains("smaller learning rate", error.Message);
    }

    [Fact]
    public void OneOffNetwork_TrainsAndScores_AndSavingSaysHowToMakeItAConfig()
    {
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(
            (input, classes) => nn.Sequential(("a", nn.Linear(input.Count, 8)), ("t", nn.Tanh()), ("b", nn.Linear(8, classes))), Blobs.Options));
        var data = Blobs.View(ml, 300);
        using var model = pipeline.Fit(data);
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy > 0.9);
        var error = Assert.ThrowsAny<Exception>(() => ml.Model.Save(model, data.Schema, new MemoryStream()));
        Assert.Contains("ModelConfig.Register", error.ToString());
    }

    [Fact]
    public void OwnConfig_OnceRegistered_IsSavedAndLoaded()
    {
        ModelConfig.Register<TwoLayers>("test-two-layers");
        var data = Blobs.View(ml, 90);
        using var model = Blobs.Pipeline(ml, model: new TwoLayers { Width = 5 }).Fit(data);
        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        using var loaded = (TransformerChain<ITransformer>)new MLContext().Model.Load(file, out _);
        Assert.Equal(new TwoLayers { Width = 5 }, loaded.OfType<DeepTransformer>().Single().Model.Config);
        Assert.Equal(model.Transform(data).GetColumn<float[]>("Score"), loaded.Transform(data).GetColumn<float[]>("Score"));
    }

    [Fact]
    public void CrossValidate_WorksAsWithEveryTrainer()
    {
        var results = ml.MulticlassClassification.CrossValidate(Blobs.View(ml, 300), Blobs.Pipeline(ml), numberOfFolds: 3);
        Assert.Equal(3, results.Count);
        Assert.All(results, fold => Assert.True(fold.Metrics.MicroAccuracy > 0.9));
    }

    [Fact]
    public void ManyThreads_ShareOneTransformer()
    {
        var data = Blobs.View(ml, 300);
        using var model = Blobs.Pipeline(ml).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedName", "PredictedLabel")).Fit(data);
        var rows = Blobs.Rows(300);
        var expected = model.Transform(data).GetColumn<float[]>("Score").ToArray();
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            var engine = ml.Model.CreatePredictionEngine<Blobs.Row, Blobs.Answer>(model, new PredictionEngineOptions { OwnsTransformer = false });
            for (var i = 0; i < rows.Count; i++)
                Assert.Equal(expected[i].Max(), engine.Predict(rows[i]).Score.Max(), 1e-5f);
        });
    }

    [Fact]
    public void DisposingOneEngine_LeavesTheModelToTheOthers()
    {
        var data = Blobs.View(ml, 90);
        var model = Blobs.Pipeline(ml).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedName", "PredictedLabel")).Fit(data);
        var row = Blobs.Rows(1)[0];
        var first = ml.Model.CreatePredictionEngine<Blobs.Row, Blobs.Answer>(model);
        var second = ml.Model.CreatePredictionEngine<Blobs.Row, Blobs.Answer>(model);
        var expected = first.Predict(row).PredictedName;
        first.Dispose();
        Assert.Equal(expected, second.Predict(row).PredictedName);
        Assert.Equal(90, model.Transform(data).GetColumn<float[]>("Score").Count());
    }

    private sealed class Bytes
    {
        public byte Label { get; set; }

        [VectorType(12, 12)]
        public byte[] Features { get; set; } = [];
    }

    private sealed record TwoLayers : ModelConfig
    {
        public int Width { get; init; } = 8;

        public override nn.Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null) =>
            nn.Sequential(("first", nn.Linear(input.Count, Width, device: device)), ("relu", nn.ReLU()), ("second", nn.Linear(Width, outputs, device: device)));
    }

    private sealed class CancelAfter(CancellationTokenSource source, int epoch) : Callback
    {
        public override void OnEpochEnd(TrainingState state, EpochReport report)
        {
            if (report.Epoch == epoch)
                source.Cancel();
        }
    }
}
