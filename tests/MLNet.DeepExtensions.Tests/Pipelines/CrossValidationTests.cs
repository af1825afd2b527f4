using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests.Pipelines;

/// <summary>ML.NET's cross-validation runs our trainers like its own.</summary>
public sealed class CrossValidationTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Multiclass_EveryFoldLearns()
    {
        var folds = ml.MulticlassClassification.CrossValidate(Readings.View(ml, 400), Readings.Kinds(ml), numberOfFolds: 3, labelColumnName: "Kind");
        Assert.Equal(3, folds.Count);
        Assert.All(folds, fold => Assert.True(fold.Metrics.MicroAccuracy > 0.85, $"fold {fold.Fold}: {fold.Metrics.MicroAccuracy}"));
        Free(folds.Select(fold => fold.Model));
    }

    [Fact]
    public void Binary_EveryFoldLearns()
    {
        var folds = ml.BinaryClassification.CrossValidate(Readings.View(ml, 400), Readings.YesOrNo(ml), numberOfFolds: 3, labelColumnName: "Yes");
        Assert.All(folds, fold => Assert.True(fold.Metrics.AreaUnderRocCurve > 0.97 && fold.Metrics.LogLoss < 0.5, $"fold {fold.Fold}: {fold.Metrics.AreaUnderRocCurve}, {fold.Metrics.LogLoss}"));
        Free(folds.Select(fold => fold.Model));
    }

    [Fact]
    public void Regression_EveryFoldLearns_AndScalesByItsOwnRows()
    {
        var folds = ml.Regression.CrossValidate(Readings.View(ml, 400), Readings.Amounts(ml), numberOfFolds: 3, labelColumnName: "Amount");
        Assert.All(folds, fold => Assert.True(fold.Metrics.RSquared > 0.9, $"fold {fold.Fold}: {fold.Metrics.RSquared}"));
        // each fold trained on other rows: no two networks are the same
        Assert.Equal(3, folds.Select(fold => fold.Metrics.MeanAbsoluteError).Distinct().Count());
        Free(folds.Select(fold => fold.Model));
    }

    [Fact]
    public void GroupedRows_StayTogether()
    {
        var data = ml.Data.LoadFromEnumerable(Readings.Rows(300).Select(row => { row.Number /= 10; return row; }).ToList());
        var folds = ml.Regression.CrossValidate(data, Readings.Amounts(ml), numberOfFolds: 3, labelColumnName: "Amount", samplingKeyColumnName: "Number");
        var groups = folds.Select(fold => ml.Data.CreateEnumerable<Readings.Row>(fold.ScoredHoldOutSet, false).Select(row => row.Number).ToHashSet()).ToList();
        Assert.Equal(30, groups.Sum(group => group.Count));
        Free(folds.Select(fold => fold.Model));
    }

    private static void Free(IEnumerable<ITransformer> models)
    {
        foreach (var model in models)
            (model as IDisposable)?.Dispose();
    }
}
