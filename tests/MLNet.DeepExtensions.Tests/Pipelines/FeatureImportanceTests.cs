using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Pipelines;

/// <summary>ML.NET's permutation importance finds the one feature that our networks can have learnt from.</summary>
public sealed class FeatureImportanceTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Multiclass_FindsTheInformativeFeature()
    {
        using var model = Readings.Kinds(ml).Fit(Readings.View(ml, 400));
        var data = model.Transform(Readings.View(ml, 200, seed: 2));
        var importance = ml.MulticlassClassification.PermutationFeatureImportance(model.LastTransformer, data, labelColumnName: "Kind", permutationCount: 2);
        Informs([.. importance.Select(feature => -feature.MicroAccuracy.Mean)], atLeast: 0.3);
    }

    [Fact]
    public void Binary_FindsTheInformativeFeature()
    {
        using var model = Readings.YesOrNo(ml).Fit(Readings.View(ml, 400));
        // the network gives probabilities, so ML.NET's measures of those are available as well
        var importance = ml.BinaryClassification.PermutationFeatureImportance(model, model.Transform(Readings.View(ml, 200, seed: 2)), labelColumnName: "Yes", permutationCount: 2);
        Informs([.. importance.Select(feature => -feature.AreaUnderRocCurve.Mean)], atLeast: 0.3);
    }

    [Fact]
    public void Regression_FindsTheInformativeFeature()
    {
        using var model = Readings.Amounts(ml).Fit(Readings.View(ml, 400));
        var importance = ml.Regression.PermutationFeatureImportance(model, model.Transform(Readings.View(ml, 200, seed: 2)), labelColumnName: "Amount", permutationCount: 2);
        Informs([.. importance.Select(feature => feature.MeanAbsoluteError.Mean)], atLeast: 10);
    }

    [Fact]
    public void ALoadedPipeline_NamesFeaturesByTheirSlots()
    {
        var data = Readings.View(ml, 400);
        var pipeline = ml.Transforms.Concatenate("Input", "Amount", "Features")
            .Append(ml.BinaryClassification.Trainers.Deep(Readings.Network, Readings.Options, labelColumnName: "Yes", featureColumnName: "Input"));
        using var model = pipeline.Fit(data);
        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = ml.Model.Load(file, out _);
        var importance = ml.BinaryClassification.PermutationFeatureImportanceNonCalibrated(loaded, loaded.Transform(Readings.View(ml, 200, seed: 2)), labelColumnName: "Yes", permutationCount: 1);
        Assert.Contains("Amount", importance.Keys);
        Assert.Equal(5, importance.Count);
        (loaded as IDisposable)?.Dispose();
    }

    [Fact]
    public void FeaturesThatAreBytes_AreRefused_AsByEveryTrainer()
    {
        // ML.NET's permutation writes Single: docs/search.md says to convert the column first
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new Bytes { Features = [(byte)i, 3], Amount = i }));
        using var model = ml.Regression.Trainers.Deep(Readings.Network, Readings.Options with { Epochs = 1 }, labelColumnName: "Amount").Fit(data);
        Assert.ThrowsAny<Exception>(() => ml.Regression.PermutationFeatureImportance(model, model.Transform(data), labelColumnName: "Amount"));
        var numbers = ml.Transforms.Conversion.ConvertType("Features", outputKind: DataKind.Single).Fit(data).Transform(data);
        using var ofNumbers = ml.Regression.Trainers.Deep(Readings.Network, Readings.Options with { Epochs = 1 }, labelColumnName: "Amount").Fit(numbers);
        Assert.Equal(2, ml.Regression.PermutationFeatureImportance(ofNumbers, ofNumbers.Transform(numbers), labelColumnName: "Amount").Length);
    }

    private sealed class Bytes
    {
        [VectorType(2)]
        public byte[] Features { get; set; } = [];

        public float Amount { get; set; }
    }

    private static void Informs(IReadOnlyList<double> harm, double atLeast)
    {
        Assert.Equal(4, harm.Count);
        Assert.True(harm[Readings.Informative] > atLeast, string.Join(", ", harm));
        Assert.All(harm.Where((_, feature) => feature != Readings.Informative), other => Assert.True(Math.Abs(other) < harm[Readings.Informative] / 5, string.Join(", ", harm)));
    }
}
