using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MLNet.DeepExtensions.Tests.Torch.Exporting.Pipelines;

/// <summary>Whatever is asked of a network, its pipeline's graph answers in ML.NET's columns.</summary>
[Collection(nameof(Alone))]
public class TaskOutputTests
{
    private static readonly DeepTrainerOptions options = new() { Epochs = 2, BatchSize = 8, Seed = 1, Optimizer = new Adam { LearningRate = 0.02 } };
    private static readonly MLContext ml = new(seed: 1);
    private static readonly Mlp mlp = new() { HiddenSizes = [8] };
    private static readonly ForecastOptions prices = new() { TargetColumns = ["Price"], Window = 8, Horizon = 3 };

    private static readonly Dictionary<string, (IEstimator<ITransformer> Pipeline, string[] Outputs)> tasks = new()
    {
        ["yes or no"] = (ml.BinaryClassification.Trainers.Deep(mlp, options, labelColumnName: "Yes"), ["Score", "Probability", "PredictedLabel"]),
        ["one of three"] = (ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.MulticlassClassification.Trainers.Deep(mlp, options, labelColumnName: "Kind")), ["Score", "PredictedLabel"]),
        ["one of three numbers"] = (ml.Transforms.Conversion.MapValueToKey("Mark").Append(ml.MulticlassClassification.Trainers.Deep(mlp, options, labelColumnName: "Mark")).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")), ["Score", "PredictedLabel"]),
        ["one of keys without values"] = (ml.MulticlassClassification.Trainers.Deep(mlp, options, labelColumnName: "Key"), ["Score", "PredictedLabel"]),
        ["several of three"] = (ml.MulticlassClassification.Trainers.DeepMultiLabel(mlp, options, labelColumnName: "Tags"), ["Score", "PredictedLabel"]),
        ["a number"] = (ml.Transforms.NormalizeMeanVariance("Features").Append(ml.Regression.Trainers.Deep(mlp, options with { ScaleTargets = true }, labelColumnName: "Price")), ["Score"]),
        ["several numbers"] = (ml.Regression.Trainers.Deep(mlp, options with { ScaleTargets = true }, labelColumnName: "Features"), ["Score"]),
        ["quantiles"] = (ml.Regression.Trainers.Deep(mlp, options with { ScaleTargets = true, Loss = new Quantile { Quantiles = [0.1, 0.4, 0.9] } }, labelColumnName: "Price"), ["Score", "Quantiles"]),
        ["quantiles of several numbers"] = (ml.Regression.Trainers.Deep(mlp, options with { Loss = new Quantile { Quantiles = [0.5, 0.9] } }, labelColumnName: "Features"), ["Score", "Quantiles"]),
        ["mean and variance"] = (ml.Regression.Trainers.Deep(mlp, options with { ScaleTargets = true, Loss = new GaussianNll() }, labelColumnName: "Price"), ["Score", "Variance"]),
        ["a count"] = (ml.Regression.Trainers.Deep(mlp, options with { Loss = new PoissonNll() }, labelColumnName: "Count"), ["Score"]),
        ["a vector"] = (ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.Transforms.DeepEmbedding(mlp, options with { Loss = new Triplet() }, labelColumnName: "Kind", embeddingSize: 5)), ["Embedding"]),
        ["ratings"] = (ml.Transforms.Conversion.MapValueToKey("User").Append(ml.Transforms.Conversion.MapValueToKey("Kind"))
            .Append(ml.DeepRecommendation().Trainers.Ratings(new NeuralMatrixFactorization { Factors = 4, KeyWidth = 4, HiddenSizes = [8] }, ["User", "Count"], ["Kind"], options, labelColumnName: "Price")), ["Score"]),
        ["rankings"] = (ml.Transforms.Conversion.MapValueToKey("User").Append(ml.Transforms.Conversion.MapValueToKey("Kind"))
            .Append(ml.DeepRecommendation().Trainers.Ranking(new TwoTower { Factors = 4, KeyWidth = 4, HiddenSizes = [8] }, ["User"], ["Kind"], options)), ["Score"]),
        ["one of three, from steps"] = (ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.MulticlassClassification.Trainers.Deep(new Gru { HiddenSize = 8 }, options, labelColumnName: "Kind", featureColumnName: "Steps", inputShape: new SequenceShape(2))), ["Score", "PredictedLabel"]),
        ["a number, from steps with a missing one"] = (ml.Transforms.ReplaceMissingValues("Whole", "Steps").Append(ml.Regression.Trainers.Deep(new Gru { HiddenSize = 8 }, options, labelColumnName: "Price", featureColumnName: "Whole", inputShape: new SequenceShape(2))), ["Score"]),
    };

    private static readonly Dictionary<string, (IEstimator<ITransformer> Pipeline, string[] Inputs, string[] Outputs)> forecasts = new()
    {
        ["one"] = (ml.Forecasting.Trainers.Deep(new NLinear(), prices, options), ["History"], ["Score"]),
        ["two with quantiles"] = (ml.Forecasting.Trainers.Deep(new DLinear { Kernel = 3 }, prices with { TargetColumns = ["Price", "Count"] }, options with { Loss = new Quantile { Quantiles = [0.1, 0.5, 0.9] } }), ["History"], ["Score", "Quantiles"]),
    };

    public static TheoryData<string> Names => [.. tasks.Keys];

    public static TheoryData<string> Forecasts => [.. forecasts.Keys];

    [Theory, MemberData(nameof(Names))]
    public void TheGraph_AnswersAsThePipeline(string task)
    {
        var data = ml.Data.LoadFromEnumerable(Rows(48));
        var trained = tasks[task].Pipeline.Fit(data);
        using var _ = trained as IDisposable;
        using var converted = new Converted(ml, trained, data.Schema);
        Assert.Equal(tasks[task].Outputs, converted.Conversion.Outputs.Select(column => column.Name));
        Assert.Empty(converted.Conversion.StepsOutside);
        Assert.True(converted.AssertSame(data) >= 48);
    }

    [Theory, MemberData(nameof(Forecasts))]
    public void AForecaster_IsGivenWindows(string name)
    {
        var rows = Rows(48);
        var data = ml.Data.LoadFromEnumerable(rows);
        var (pipeline, inputs, outputs) = forecasts[name];
        var trained = pipeline.Fit(data);
        using var _ = trained as IDisposable;
        using var converted = new Converted(ml, trained, data.Schema);
        Assert.Equal(inputs, converted.Conversion.Inputs.Select(column => column.Name));
        Assert.Equal(outputs, converted.Conversion.Outputs.Select(column => column.Name));
        Assert.Equal("CutWindows", converted.Conversion.StepsOutside[^1].Name);
        var two = converted.Conversion.Inputs[0].Shape[2] == "2";
        var scored = trained.Transform(data);
        foreach (var (output, expected) in outputs.Select(output => (output, scored.GetColumn<float[]>(output).ToList())))
            for (var row = 7; row < 48; row++)
            {
                var history = Enumerable.Range(row - 7, 8).SelectMany(i => two ? new[] { rows[i].Price, rows[i].Count } : [rows[i].Price]).ToArray();
                var answer = converted.Run(NamedOnnxValue.CreateFromTensor("History", new DenseTensor<float>(history, [1, 8, two ? 2 : 1])))[output].AsTensor<float>().ToArray();
                Assert.Equal(expected[row], answer, (a, b) => Math.Abs(a - b) <= 1e-5 * Math.Max(1, Math.Abs(a)));
            }
    }

    [Fact]
    public void AForecaster_IsGivenWhatIsKnownAhead_AndWhatTheSeriesIsLike()
    {
        var rows = Rows(48);
        var data = ml.Data.LoadFromEnumerable(rows);
        using var trained = ml.Forecasting.Trainers.Deep(new CovariateForecaster { HiddenSize = 8 }, prices with { KnownColumns = ["Count"], StaticColumns = ["Size"] }, options).Fit(data);
        using var converted = new Converted(ml, trained, data.Schema);
        Assert.Equal(["History", "Known", "Static"], converted.Conversion.Inputs.Select(column => column.Name));
        Assert.Equal(["rows", "11", "1"], converted.Conversion.Inputs[1].Shape);
        var expected = trained.Transform(data).GetColumn<float[]>("Score").ToList();
        for (var row = 7; row < 45; row++)
        {
            var answer = converted.Run(
                NamedOnnxValue.CreateFromTensor("History", new DenseTensor<float>(rows.Skip(row - 7).Take(8).Select(item => item.Price).ToArray(), [1, 8, 1])),
                NamedOnnxValue.CreateFromTensor("Known", new DenseTensor<float>(rows.Skip(row - 7).Take(11).Select(item => item.Count).ToArray(), [1, 11, 1])),
                NamedOnnxValue.CreateFromTensor("Static", new DenseTensor<float>(new[] { rows[row].Size }, [1, 1])))["Score"].AsTensor<float>().ToArray();
            Assert.Equal(expected[row], answer, (a, b) => Math.Abs(a - b) <= 1e-5 * Math.Max(1, Math.Abs(a)));
        }
    }

    [Fact]
    public void SymbolsOffSteps_AreRefused_AndSavePortableIsNamed()
    {
        var data = ml.Data.LoadFromEnumerable(Rows(48));
        using var trained = ml.Transforms.Text.TokenizeIntoWords("Symbols", "Text").Append(ml.Transforms.Conversion.MapValueToKey("Symbols"))
            .Append(ml.MulticlassClassification.Trainers.DeepSequence(new Gru { HiddenSize = 8, Pooling = Pooling.None }, options, labelColumnName: "Symbols", featureColumnName: "Steps", inputShape: new SequenceShape(2))).Fit(data);
        var e = Assert.Throws<NotSupportedException>(() => ml.Model.ConvertToDeepOnnx(trained, data.Schema, new MemoryStream()));
        Assert.Contains("DeepSequence", e.Message, StringComparison.Ordinal);
        Assert.Contains("SavePortable", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APipelineWithoutANetwork_IsRefused_WithWhatItIsMadeOf()
    {
        var data = Blobs.View(ml, 12);
        var fitted = ml.Transforms.NormalizeMinMax("Features").Append(ml.Transforms.CopyColumns("Copy", "Features")).Fit(data);
        var e = Assert.Throws<ArgumentException>(() => ml.Model.ConvertToDeepOnnx(fitted, data.Schema, new MemoryStream()));
        Assert.Contains("no deep network", e.Message, StringComparison.Ordinal);
        Assert.Contains("Normalizing, ColumnCopying", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APipelineWithTwoNetworks_IsRefused()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, options).Append(ml.Regression.Trainers.Deep(mlp, options, labelColumnName: "Weight")).Fit(data);
        Assert.Contains("2 deep networks", Assert.Throws<ArgumentException>(() => ml.Model.ConvertToDeepOnnx(trained, data.Schema, new MemoryStream())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APortableModel_IsRefused_WithWhatToConvertInstead()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, options).Fit(data);
        using var file = new MemoryStream();
        ml.Model.SavePortable(trained, data.Schema, file);
        file.Position = 0;
        var portable = ml.Model.Load(file, out var schema);
        Assert.Contains("portable model", Assert.Throws<ArgumentException>(() => ml.Model.ConvertToDeepOnnx(portable, schema, new MemoryStream())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AColumnThatTheSchemaLacks_IsNamed()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, options).Fit(data);
        var other = ml.Data.LoadFromEnumerable(Rows(2)).Schema;
        Assert.Contains("'Label'", Assert.ThrowsAny<Exception>(() => ml.Model.ConvertToDeepOnnx(trained, other, new MemoryStream())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AColumnThatGoesInAndComesOutUnderOneName_IsRefused()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, options).Append(ml.Transforms.CopyColumns("Features", "Score")).Fit(data);
        Assert.Contains("'Features' goes into the graph", Assert.Throws<NotSupportedException>(() => ml.Model.ConvertToDeepOnnx(trained, data.Schema, new MemoryStream())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ColumnsThatAreCalledLikeNumbers_MeetNoConstants()
    {
        var data = ml.Data.LoadFromEnumerable(Rows(48));
        var steps = ml.Transforms.CopyColumns("0", "Price").Append(ml.Transforms.NormalizeMeanVariance("1", "0", useCdf: true)).Append(ml.Transforms.CustomMapping<Row, Half>((row, half) => half.Value = row.Count / 2, null)).Append(ml.Transforms.Concatenate("Features", "1", "0.5"));
        using var model = (IDisposable)Echo.Behind(steps, data);
        using var converted = new Converted(ml, (ITransformer)model, data.Schema);
        Assert.Equal(["Price", "0.5"], converted.Conversion.Inputs.Select(column => column.Name));
        converted.AssertSame(data);
    }

    private static List<Row> Rows(int count)
    {
        var dice = new Random(1);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var features = new float[] { dice.NextSingle(), dice.NextSingle(), 100 * dice.NextSingle() };
            return new Row
            {
                Features = features, Yes = features[0] > 0.5f, Kind = $"kind {i % 3}", Mark = 10 * (i % 3), Key = (uint)(i % 3) + 1, User = $"user {i % 7}", Tags = [i % 2 == 0, i % 3 == 0, features[1] > 0.5f],
                Price = 1000 + 300 * features[0] + MathF.Sin(i), Count = dice.Next(9), Text = string.Join(' ', Enumerable.Range(0, 1 + i % 2).Select(_ => "abc"[dice.Next(3)])),
                Steps = [.. Enumerable.Range(0, 2 * (3 + dice.Next(4))).Select(_ => dice.NextSingle())],
            };
        })];
    }

    private sealed class Half
    {
        [ColumnName("0.5")]
        public float Value { get; set; }
    }

    private sealed class Row
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        public bool Yes { get; set; }

        public string Kind { get; set; } = "";

        public int Mark { get; set; }

        [KeyType(3)]
        public uint Key { get; set; }

        public string User { get; set; } = "";

        [VectorType(3)]
        public bool[] Tags { get; set; } = [];

        public float Price { get; set; }

        public float Count { get; set; }

        public float Size { get; set; } = 3;

        public string Text { get; set; } = "";

        public float[] Steps { get; set; } = [];
    }
}
