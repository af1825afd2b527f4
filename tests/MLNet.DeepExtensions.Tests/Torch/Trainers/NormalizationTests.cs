using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

[Collection(nameof(Alone))]
public sealed class NormalizationTests
{
    private readonly MLContext ml = new(seed: 1);

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(3, 4, 4)]
        public byte[] Picture { get; set; } = [];

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    [Fact]
    public void Measured_IsTheMeanAndSpreadOfEachChannelOverAllRows_WhateverTheBatches()
    {
        var rows = Rows(21);
        foreach (var batchSize in new[] { 4, 64 })
        {
            var input = Input("Picture", Normalization.Measured, new DeepTrainerOptions { Epochs = 1, BatchSize = batchSize });
            for (var channel = 0; channel < 3; channel++)
            {
                var values = rows.SelectMany(row => row.Picture.Skip(channel * 16).Take(16)).Select(value => value / 255.0).ToList();
                Assert.Equal(values.Average(), input.Mean![channel], 1e-6);
                Assert.Equal(Math.Sqrt(values.Average(value => Math.Pow(value - values.Average(), 2))), input.Std![channel], 1e-6);
            }
        }
    }

    [Fact]
    public void Measured_OverRowsThatAreStreamed_IsTheSame()
    {
        var kept = Input("Picture", Normalization.Measured, new DeepTrainerOptions { Epochs = 1, BatchSize = 4 });
        var streamed = Input("Picture", Normalization.Measured, new DeepTrainerOptions { Epochs = 1, BatchSize = 4, CacheBudget = 0 });
        Assert.Equal(kept.Mean!, streamed.Mean!, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(kept.Std!, streamed.Std!, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Measured_OfAVector_IsOneForEachFeature_AndAConstantOneStaysFinite()
    {
        var input = Input("Features", Normalization.Measured, new DeepTrainerOptions { Epochs = 1 });
        Assert.Equal([10, 5f], input.Mean!);
        Assert.Equal(1, input.Std![1]);
        Assert.Equal(Math.Sqrt(Enumerable.Range(0, 21).Average(i => (i - 10.0) * (i - 10))), input.Std[0], 1e-5);
    }

    [Fact]
    public void ImageNetAndGiven_AreSavedAsNumbers()
    {
        Assert.Equal(new InputStage { Mean = [0.485f, 0.456f, 0.406f], Std = [0.229f, 0.224f, 0.225f] }, Input("Picture", Normalization.ImageNet, new DeepTrainerOptions { Epochs = 1 }));
        Assert.Equal(new InputStage { Mean = [0.5f], Std = [0.25f] }, Input("Picture", Normalization.Given([0.5f], [0.25f]), new DeepTrainerOptions { Epochs = 1 }));
        Assert.Equal(new InputStage(), Input("Picture", null, new DeepTrainerOptions { Epochs = 1 }));
    }

    [Fact]
    public void NumbersThatDoNotFit_SayWhy()
    {
        Assert.Contains("Std must hold finite numbers above 0", Assert.Throws<ArgumentException>(() => Input("Picture", Normalization.Given([0], [0]), new DeepTrainerOptions())).Message);
        Assert.Contains("Mean has 2 numbers", Assert.Throws<ArgumentException>(() => Input("Picture", Normalization.Given([0, 0], [1]), new DeepTrainerOptions())).Message);
    }

    private InputStage Input(string column, Normalization? normalization, DeepTrainerOptions options)
    {
        using var model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [4] }, options with { Normalization = normalization }, featureColumnName: column))
            .Fit(ml.Data.LoadFromEnumerable(Rows(21)));
        return model.LastTransformer.Model.Input;
    }

    private static List<Row> Rows(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(i => new Row
        {
            Label = i % 2 == 0 ? "even" : "odd", Features = [i, 5],
            Picture = [.. Enumerable.Range(0, 48).Select(k => (byte)(k / 16 * 60 + random.Next(100)))],
        })];
    }
}
