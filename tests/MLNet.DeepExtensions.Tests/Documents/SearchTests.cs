using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Pipelines;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/search.md, run as it is shown there.</summary>
public sealed class SearchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("search").FullName;
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void AnObjectiveOfOnesOwn()
    {
        var (train, validation) = (Readings.View(ml, 200), Readings.View(ml, 100, seed: 2));
        var picturePath = Path.Combine(folder, "trials.png");
        #region objective
        var search = new RandomSearch
        {
            Trials = 8, Epochs = 5, Seed = 1,
            Objective = SearchObjective.Highest("R²", model => ml.Regression.Evaluate(model.Transform(validation), labelColumnName: "Amount").RSquared),
        };
        using var result = search.Run(
            dice => new DeepTrainerOptions { BatchSize = dice.Choice("batch", 16, 32), Optimizer = new Adam { LearningRate = dice.LogUniform("rate", 1e-4, 0.1) } },
            (options, budget) => ml.Transforms.NormalizeMeanVariance("Features")
                .Append(ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [32] }, budget.Apply(options), labelColumnName: "Amount")),
            train, validation);
        #endregion
        #region result
        Console.WriteLine(result);                                     // a table, the best first
        File.WriteAllText(Path.Combine(folder, "trials.csv"), result.ToCsv());
        result.SavePicture(picturePath);
        ml.Model.Save(result.Model, train.Schema, Path.Combine(folder, "best.zip"));
        var again = result.Best.Candidate with { Epochs = 50 };        // the settings, to train on
        #endregion
        Assert.Equal(50, again.Epochs);
        Assert.True(result.Best.Score > 0.8, result.ToString());
        Assert.Equal(4, Directory.GetFiles(folder).Length + 1);
    }

    [Fact]
    public void MLNetsOwnTools()
    {
        var (data, test) = (Readings.View(ml, 400), Readings.View(ml, 200, seed: 2));
        var trainer = Readings.YesOrNo(ml);
        #region cross-validation
        var folds = ml.BinaryClassification.CrossValidate(data, trainer, numberOfFolds: 3, labelColumnName: "Yes");
        Console.WriteLine($"AUC {folds.Average(fold => fold.Metrics.AreaUnderRocCurve):0.000}");
        foreach (var fold in folds)
            (fold.Model as IDisposable)?.Dispose();
        #endregion
        using var model = trainer.Fit(data);
        #region importance
        var importance = ml.BinaryClassification.PermutationFeatureImportance(model, model.Transform(test), labelColumnName: "Yes", permutationCount: 3);
        foreach (var (feature, loss) in importance.Select((statistics, feature) => (feature, -statistics.AreaUnderRocCurve.Mean)).OrderByDescending(item => item.Item2))
            Console.WriteLine($"without feature {feature} the AUC falls by {loss:0.000}");
        #endregion
        Assert.Equal(Readings.Informative, importance.Select((statistics, feature) => (feature, -statistics.AreaUnderRocCurve.Mean)).MaxBy(item => item.Item2).feature);
        #region calibration
        var calibrator = ml.BinaryClassification.Calibrators.Platt(labelColumnName: "Yes").Fit(model.Transform(test));      // rows that the network has not seen
        var calibrated = new TransformerChain<ITransformer>(model, calibrator);
        #endregion
        Assert.True(ml.BinaryClassification.Evaluate(calibrated.Transform(test), labelColumnName: "Yes").LogLoss < 0.5);
        #region stacking
        var stacked = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [32] }, labelColumnName: "Amount").Append(ml.Transforms.CopyColumns("Deep", "Score"))
            .Append(ml.Transforms.Concatenate("Stacked", "Deep", "Features"))
            .Append(ml.Regression.Trainers.FastTree(labelColumnName: "Amount", featureColumnName: "Stacked"));
        using var both = stacked.Fit(data);
        #endregion
        Assert.True(ml.Regression.Evaluate(both.Transform(test), labelColumnName: "Amount").RSquared > 0.8);
    }
}
