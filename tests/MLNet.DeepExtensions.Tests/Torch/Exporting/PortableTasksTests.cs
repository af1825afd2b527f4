using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Exporting;

/// <summary>Whatever is asked of a network, its portable form answers in the same columns with the same values.</summary>
[Collection(nameof(Alone))]
public class PortableTasksTests
{
    private static readonly DeepTrainerOptions options = new() { Epochs = 2, BatchSize = 8, Seed = 1, Optimizer = new Adam { LearningRate = 0.02 } };
    private static readonly MLContext ml = new(seed: 1);
    private static readonly Mlp mlp = new() { HiddenSizes = [8] };
    private static readonly ForecastOptions load = new() { TargetColumns = ["Price"], Window = 8, Horizon = 3 };

    private static readonly Dictionary<string, IEstimator<ITransformer>> tasks = new()
    {
        ["yes or no"] = ml.BinaryClassification.Trainers.Deep(mlp, options, labelColumnName: "Yes"),
        ["one of three"] = ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.MulticlassClassification.Trainers.Deep(mlp, options, labelColumnName: "Kind")).Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel")),
        ["several of three"] = ml.MulticlassClassification.Trainers.DeepMultiLabel(mlp, options, labelColumnName: "Tags"),
        ["a number"] = ml.Regression.Trainers.Deep(mlp, options with { ScaleTargets = true }, labelColumnName: "Price"),
        ["a number, normalised features"] = ml.Regression.Trainers.Deep(mlp, options with { Normalization = Normalization.Measured }, labelColumnName: "Price"),
        ["several numbers"] = ml.Regression.Trainers.Deep(mlp, options with { ScaleTargets = true }, labelColumnName: "Features"),
        ["quantiles"] = ml.Regression.Trainers.Deep(mlp, options with { Loss = new Quantile { Quantiles = [0.1, 0.5, 0.9] } }, labelColumnName: "Price"),
        ["mean and variance"] = ml.Regression.Trainers.Deep(mlp, options with { Loss = new GaussianNll() }, labelColumnName: "Price"),
        ["a count"] = ml.Regression.Trainers.Deep(mlp, options with { Loss = new PoissonNll() }, labelColumnName: "Count"),
        ["a vector"] = ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.Transforms.DeepEmbedding(mlp, options with { Loss = new Triplet() }, labelColumnName: "Kind", embeddingSize: 5)),
        ["symbols"] = ml.Transforms.Text.TokenizeIntoWords("Symbols", "Text").Append(ml.Transforms.Conversion.MapValueToKey("Symbols"))
            .Append(ml.MulticlassClassification.Trainers.DeepSequence(new Gru { HiddenSize = 8, Bidirectional = true, Pooling = Pooling.None }, options with { Epochs = 10 }, labelColumnName: "Symbols", featureColumnName: "Steps", inputShape: new SequenceShape(2))),
        ["a table with missing numbers"] = ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.Regression.Trainers.Deep(new TabularNet { Width = 8 }, ["Features", "Kind", "Age"], options with { MissingFeatures = MissingFeatures.Keep }, labelColumnName: "Price")),
        ["ratings"] = ml.Transforms.Conversion.MapValueToKey("User").Append(ml.Transforms.Conversion.MapValueToKey("Kind"))
            .Append(ml.DeepRecommendation().Trainers.Ratings(new NeuralMatrixFactorization { Factors = 4, KeyWidth = 4, HiddenSizes = [8] }, ["User", "Age"], ["Kind"], options, labelColumnName: "Price")),
        ["rankings"] = ml.Transforms.Conversion.MapValueToKey("User").Append(ml.Transforms.Conversion.MapValueToKey("Kind"))
            .Append(ml.DeepRecommendation().Trainers.Ranking(new TwoTower { Factors = 4, KeyWidth = 4, HiddenSizes = [8] }, ["User"], ["Kind"], options)),
        ["a forecast"] = ml.Forecasting.Trainers.Deep(new NLinear(), load, options),
        ["a forecast of two with quantiles"] = ml.Forecasting.Trainers.Deep(new PatchTransformer { PatchLength = 4, Stride = 2, Layers = 1, HiddenSize = 8, FeedForwardSize = 16 },
            load with { TargetColumns = ["Price", "Count"] }, options with { Loss = new Quantile { Quantiles = [0.1, 0.5, 0.9] } }),
        ["a forecast with what is known ahead"] = ml.Forecasting.Trainers.Deep(new CovariateForecaster { HiddenSize = 8 },
            load with { TimeColumn = "Time", KnownColumns = ["Count"], StaticColumns = ["Size"], Calendar = CalendarFeatures.HourOfDay }, options),
    };

    public static TheoryData<string> Names => [.. tasks.Keys];

    [Theory, MemberData(nameof(Names))]
    public void APortableModel_AnswersAsTheTrainedOne(string task)
    {
        var data = ml.Data.LoadFromEnumerable(Rows(48));
        var trained = tasks[task].Fit(data);
        var (context, portable) = Reload(trained, data);
        var (expected, actual) = (trained.Transform(data).Preview(48), portable.Transform(data).Preview(48));
        Assert.Equal(expected.Schema.Select(column => (column.Name, column.Type.ToString())), actual.Schema.Select(column => (column.Name, column.Type.ToString())));
        var numbers = 0;
        foreach (var (one, other) in expected.RowView.Zip(actual.RowView))
            foreach (var (said, again) in one.Values.Zip(other.Values))
                numbers += AssertSame(said.Key, said.Value, again.Value);
        Assert.True(numbers > 48, $"{numbers}");
        (trained as IDisposable)?.Dispose();
        (portable as IDisposable)?.Dispose();
    }

    [Fact]
    public void APortableForecaster_MakesForecastEngines_AndIsSavedAgain()
    {
        var rows = Rows(48);
        var data = ml.Data.LoadFromEnumerable(rows);
        using var trained = ml.Forecasting.Trainers.Deep(new DLinear { Kernel = 3 }, load, options).Fit(data);
        var (context, portable) = Reload(trained, data);
        Assert.Equal(load, Assert.IsAssignableFrom<ForecastTransformer>(portable).Options);
        var expected = trained.CreateForecastEngine<Row>(ml).Predict(rows).Values;
        Assert.Equal(expected, portable.CreateForecastEngine<Row>(context).Predict(rows).Values, (a, b) => Math.Abs(a - b) < 1e-4);
        using var file = new MemoryStream();
        context.Model.Save(portable, data.Schema, file);
        file.Position = 0;
        Assert.Equal(expected, new MLContext().Model.Load(file, out _).CreateForecastEngine<Row>(context).Predict(rows).Values, (a, b) => Math.Abs(a - b) < 1e-4);
    }

    private static (MLContext Context, ITransformer Model) Reload(ITransformer trained, IDataView data)
    {
        using var file = new MemoryStream();
        ml.Model.SavePortable(trained, data.Schema, file);
        file.Position = 0;
        var context = new MLContext();
        return (context, context.Model.Load(file, out _));
    }

    /// <returns>How many numbers were compared.</returns>
    private static int AssertSame(string column, object expected, object actual)
    {
        switch (expected, actual)
        {
            case (float a, float b): AssertNear(column, [a], [b]); return 1;
            case (VBuffer<float> a, VBuffer<float> b): AssertNear(column, [.. a.DenseValues()], [.. b.DenseValues()]); return a.Length;
            case (VBuffer<uint> a, VBuffer<uint> b): Assert.Equal(a.DenseValues(), b.DenseValues()); return 0;
            case (VBuffer<bool> a, VBuffer<bool> b): Assert.Equal(a.DenseValues(), b.DenseValues()); return 0;
            case (VBuffer<ReadOnlyMemory<char>> a, VBuffer<ReadOnlyMemory<char>> b): Assert.Equal($"{a}", $"{b}"); return 0;
            default: Assert.Equal($"{expected}", $"{actual}"); return 0;
        }
    }

    private static void AssertNear(string column, float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (a, b) in expected.Zip(actual))
            Assert.True(float.IsNaN(a) ? float.IsNaN(b) : Math.Abs(a - b) <= 1e-4 * Math.Max(1, Math.Abs(a)), $"{column}: {a} and {b}");
    }

    private static List<Row> Rows(int count)
    {
        var dice = new Random(1);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var features = new float[] { dice.NextSingle(), dice.NextSingle(), 100 * dice.NextSingle() };
            // fewer symbols than steps
            var symbols = Enumerable.Range(0, 1 + dice.Next(2)).Select(_ => dice.Next(3)).ToList();
            return new Row
            {
                Features = features, Yes = features[0] > 0.5f, Kind = $"kind {i % 3}", User = $"user {i % 7}", Tags = [i % 2 == 0, i % 3 == 0, features[1] > 0.5f],
                Price = 1000 + 300 * features[0] + MathF.Sin(i), Count = dice.Next(9), Age = dice.Next(3) == 0 ? float.NaN : dice.Next(90), Size = 3, Time = new DateTime(2026, 1, 1).AddHours(i),
                Text = string.Join(' ', symbols.Select(symbol => "abc"[symbol])), Steps = [.. symbols.SelectMany(symbol => Enumerable.Range(0, 2 * (3 + dice.Next(3))).Select(_ => symbol + 0.1f * dice.NextSingle()))],
            };
        })];
    }

    private sealed class Row
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        public bool Yes { get; set; }

        public string Kind { get; set; } = "";

        public string User { get; set; } = "";

        [VectorType(3)]
        public bool[] Tags { get; set; } = [];

        public float Price { get; set; }

        public float Count { get; set; }

        public float Age { get; set; }

        public float Size { get; set; }

        public DateTime Time { get; set; }

        public string Text { get; set; } = "";

        public float[] Steps { get; set; } = [];
    }
}
