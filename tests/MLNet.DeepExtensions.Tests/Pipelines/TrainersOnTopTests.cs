using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace MLNet.DeepExtensions.Tests.Pipelines;

/// <summary>What ML.NET puts on top of a trained network: calibrators, other trainers.</summary>
public sealed class TrainersOnTopTests
{
    private readonly MLContext ml = new(seed: 1);

    private sealed class Answer
    {
        public float Probability { get; set; }
    }

    [Theory, InlineData("Platt"), InlineData("Isotonic")]
    public void Calibrators_MakeProbabilitiesOfTheScore(string kind)
    {
        // learnt where every label is true, so it is far too sure where a quarter of them lies
        var (rest, test) = (Doubtful(1000, 2), Doubtful(1000, 3));
        using var network = Readings.YesOrNo(ml).Fit(Readings.View(ml, 400));
        IEstimator<ITransformer> calibrator = kind == "Platt" ? ml.BinaryClassification.Calibrators.Platt("Yes") : ml.BinaryClassification.Calibrators.Isotonic("Yes");
        var calibrated = calibrator.Fit(network.Transform(rest));
        var (before, after) = (BrierScore(network.Transform(test)), BrierScore(calibrated.Transform(network.Transform(test))));
        // 0.25 · 0.75 is the best that anybody can do
        Assert.True(before > 0.22 && after < 0.2, $"{before} without and {after} with {kind}");

        var chain = new TransformerChain<ITransformer>(network, calibrated);
        Readings.ScoresTheSameWhenLoaded<float>(ml, chain, test, "Probability");
        using var engine = ml.Model.CreatePredictionEngine<Readings.Row, Answer>(chain);
        Assert.Equal(chain.Transform(test).GetColumn<float>("Probability").First(), engine.Predict(ml.Data.CreateEnumerable<Readings.Row>(test, false).First()).Probability, 1e-5f);
    }

    [Fact]
    public void ACalibrator_MayStandInThePipeline()
    {
        var data = Readings.View(ml, 300);
        using var model = Readings.YesOrNo(ml).Append(ml.BinaryClassification.Calibrators.Platt("Yes")).Fit(data);
        Assert.True(ml.BinaryClassification.Evaluate(model.Transform(data), labelColumnName: "Yes").Accuracy > 0.93);
        Readings.ScoresTheSameWhenLoaded<float>(ml, model, data, "Probability");
    }

    [Fact]
    public void ScoresOfANetwork_AreFeaturesOfAnotherTrainer()
    {
        var (train, test) = (Readings.View(ml, 400), Readings.View(ml, 200, seed: 2));
        var pipeline = Readings.Kinds(ml)
            .Append(ml.Transforms.Concatenate("Stacked", "Score", "Features"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(labelColumnName: "Kind", featureColumnName: "Stacked"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var model = pipeline.Fit(train);
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(test), labelColumnName: "Kind").MicroAccuracy > 0.9);
        Readings.ScoresTheSameWhenLoaded<float[]>(ml, model, test, "Score");
    }

    [Fact]
    public void ANetworkAndATree_AreStacked()
    {
        var (train, test) = (Readings.View(ml, 400), Readings.View(ml, 200, seed: 2));
        var pipeline = Readings.Amounts(ml).Append(ml.Transforms.CopyColumns("Deep", "Score"))
            .Append(ml.Transforms.Concatenate("Stacked", "Deep", "Features"))
            .Append(ml.Regression.Trainers.FastTree(labelColumnName: "Amount", featureColumnName: "Stacked", numberOfTrees: 20));
        using var model = pipeline.Fit(train, test);                        // both take a validation set
        Assert.True(ml.Regression.Evaluate(model.Transform(test), labelColumnName: "Amount").RSquared > 0.9);
        Readings.ScoresTheSameWhenLoaded<float>(ml, model, test, "Score");
    }

    [Fact]
    public void ATrainerOfMLNet_FeedsANetwork()
    {
        var data = Readings.View(ml, 400);
        var pipeline = ml.Regression.Trainers.Sdca(labelColumnName: "Amount").Append(ml.Transforms.Concatenate("Both", "Score", "Features"))
            .Append(ml.BinaryClassification.Trainers.Deep(Readings.Network, Readings.Options, labelColumnName: "Yes", featureColumnName: "Both"));
        using var model = pipeline.Fit(data);
        Assert.True(ml.BinaryClassification.Evaluate(model.Transform(data), labelColumnName: "Yes").Accuracy > 0.93);
        Readings.ScoresTheSameWhenLoaded<bool>(ml, model, data, "PredictedLabel");
    }

    /// <summary>
    /// ML.NET takes for OneVersusAll, PairwiseCoupling and ChangeModelThreshold its own sealed transformer alone, so such code does not compile with ours; docs/search.md says what to write.
    /// Should this fail, ML.NET has opened the door.
    /// </summary>
    [Fact]
    public void OneVersusAll_TakesMLNetsOwnTransformersOnly()
    {
        var takes = typeof(StandardTrainersCatalog).GetMethods().First(method => method.Name == nameof(StandardTrainersCatalog.OneVersusAll)).GetParameters()[1].ParameterType;
        Assert.Equal(typeof(BinaryPredictionTransformer<>), takes.GetGenericArguments()[0].GetGenericTypeDefinition());
        Assert.True(typeof(BinaryPredictionTransformer<>).IsSealed);
    }

    [Fact]
    public void OneVersusAll_IsOneNetworkWithAnOutputForEachClass()
    {
        // what OneVersusAll would train as three networks: one yes or no for each class
        var data = Readings.View(ml, 400);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.Transforms.Conversion.MapKeyToVector("Each", "Kind"))
            .Append(ml.MulticlassClassification.Trainers.DeepMultiLabel(Readings.Network, Readings.Options, labelColumnName: "Each"));
        using var model = pipeline.Fit(data);
        var scored = model.Transform(data);
        var right = scored.GetColumn<float[]>("Score").Zip(scored.GetColumn<float[]>("Each")).Average(row => Array.IndexOf(row.First, row.First.Max()) == Array.IndexOf(row.Second, 1) ? 1.0 : 0);
        Assert.True(right > 0.9, $"{right}");
    }

    // log-loss would be infinite for the zeros that isotonic regression gives
    private static double BrierScore(IDataView scored) =>
        scored.GetColumn<float>("Probability").Zip(scored.GetColumn<bool>("Yes")).Average(row => Math.Pow(row.First - (row.Second ? 1 : 0), 2));

    private IDataView Doubtful(int count, int seed)
    {
        var rows = Readings.Rows(count, seed);
        var random = new Random(seed);
        foreach (var row in rows.Where(_ => random.NextDouble() < 0.25))
            row.Yes = !row.Yes;
        return ml.Data.LoadFromEnumerable(rows);
    }
}
