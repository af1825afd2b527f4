using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>A table from a text file trains, scores, is saved and asked row by row, with nothing prepared by hand.</summary>
public sealed class TableTrainingTests : IDisposable
{
    private static readonly DeepTrainerOptions options = new() { Epochs = 15, BatchSize = 32, Seed = 3, Optimizer = new AdamW { LearningRate = 0.01 } };

    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("tables").FullName;

    private string TextFile => Path.Combine(folder, "houses.csv");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<ModelConfig> Networks => [new TabularNet { Width = 32 }, new FtTransformer { Width = 16, Heads = 2, Layers = 2 }];

    [Theory, MemberData(nameof(Networks))]
    public void ATextFilesColumns_TrainAtOnce_AndSaved_GiveTheSameScores(ModelConfig network)
    {
        var data = Load(400);
        var pipeline = ml.Transforms.Conversion.MapTextToKeys().Append(ml.Regression.Trainers.Deep(network, AllColumns.But("Id"), options, labelColumnName: "Price"));
        using var model = pipeline.Fit(data);
        Assert.True(ml.Regression.Evaluate(model.Transform(data), labelColumnName: "Price").RSquared > 0.9);
        Assert.Equal(["Area", "Rooms", "Garden", "Town", "Sizes"], model.LastTransformer.FeatureColumnNames);
        var expected = Scores(model.Transform(data));
        Assert.All(expected, score => Assert.True(float.IsFinite(score)));

        using var stream = new MemoryStream();
        ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext().Model.Load(stream, out _);
        Assert.Equal(expected, Scores(loaded.Transform(data)));
        using var engine = ml.Model.CreatePredictionEngine<House, Estimate>(loaded);
        foreach (var (house, score) in ml.Data.CreateEnumerable<House>(data, reuseRowObject: false).Zip(expected).Take(20))
            Assert.Equal(score, engine.Predict(house).Score, 1e-3f * Math.Abs(score) + 1e-3f);
        // a town that training never saw, and no area
        Assert.True(float.IsFinite(engine.Predict(new House { Area = float.NaN, Town = "Nowhere", Sizes = [1, 2] }).Score));
    }

    [Fact]
    public void WhatIsLearntOfNumbers_IsOfTheTrainingRowsAlone_AndSaved()
    {
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 100).Select(i => new House { Area = i % 10 == 0 ? float.NaN : i, Price = i, Sizes = [i, 0] }));
        var validation = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 10).Select(i => new House { Area = 1e6f, Rooms = float.NaN, Price = i, Sizes = [float.NaN, 1e6f] }));
        using var model = ml.Regression.Trainers.Deep(new TabularNet { Embedding = new PiecewiseLinear { Bins = 4 } }, ["Sizes", "Area"], options with { Epochs = 1 }, labelColumnName: "Price").Fit(data, validation);
        var numbers = Assert.IsType<TabularNet>(model.Model.Config).Numbers!;
        Assert.Equal([49.5f, 0, 50], numbers.Mean);
        Assert.Equal(1, numbers.Std[1]);
        Assert.Equal(Math.Sqrt((100 * 100 - 1) / 12.0), numbers.Std[0], 1e-3);
        Assert.Equal([2], numbers.Missing);
        Assert.Equal([0, 24.75f, 49.5f, 74.25f, 99], numbers.Bins![0]);
        Assert.Equal([0f], numbers.Bins[1]);
        Assert.Equal([1, 25, 50, 75, 99], numbers.Bins[2], (a, b) => Math.Abs(a - b) <= 1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    public void SameSeed_GivesTheSameBits_KeptOrStreamed(long? budget)
    {
        var data = Load(100);
        Assert.Equal(Bits(), Bits());

        byte[] Bits()
        {
            using var model = ml.Transforms.Conversion.MapTextToKeys().Append(ml.Regression.Trainers.Deep(new TabularNet(), AllColumns.But("Id"),
                options with { Epochs = 2, CacheBudget = budget }, labelColumnName: "Price")).Fit(data);
            return [.. model.LastTransformer.Module.state_dict().Values.SelectMany(tensor => tensor.bytes.ToArray())];
        }
    }

    [Fact]
    public void BinaryAndMulticlass_TakeTables()
    {
        var data = Load(300);
        using var binary = ml.Transforms.Conversion.MapTextToKeys().Append(ml.BinaryClassification.Trainers.Deep(new TabularNet(), AllColumns.But("Id", "Price"), options, labelColumnName: "Garden")).Fit(data);
        Assert.Equal(["Area", "Rooms", "Town", "Sizes"], binary.LastTransformer.FeatureColumnNames);
        using var multiclass = ml.Transforms.Conversion.MapTextToKeys().Append(ml.MulticlassClassification.Trainers.Deep(new TabularNet(), AllColumns.But("Id"), options, labelColumnName: "Town")).Fit(data);
        Assert.True(ml.MulticlassClassification.Evaluate(multiclass.Transform(data), labelColumnName: "Town").MicroAccuracy > 0.9);
        Assert.Contains("Oslo", multiclass.LastTransformer.Model.Labels);
    }

    [Fact]
    public void AResumedRun_HasTheBitsOfAnUninterruptedOne()
    {
        var data = Load(120);
        var uninterrupted = Bits(null, 4);
        Bits(folder, 2);
        Assert.Equal(uninterrupted, Bits(folder, 4));

        byte[] Bits(string? checkpoints, int epochs)
        {
            using var model = ml.Transforms.Conversion.MapTextToKeys().Append(ml.Regression.Trainers.Deep(new TabularNet(), AllColumns.But("Id"),
                options with { Epochs = epochs, Checkpoints = checkpoints is null ? null : new CheckpointPolicy(checkpoints) }, labelColumnName: "Price")).Fit(data);
            return [.. model.LastTransformer.Module.state_dict().Values.SelectMany(tensor => tensor.bytes.ToArray())];
        }
    }

    [Fact]
    public void MissingNumbers_StayAnError_WhereTheNetworkDoesNotTakeThem()
    {
        var data = Load(50);
        Assert.Contains("'Area' holds NaN in row", Assert.Throws<InvalidOperationException>(() => ml.Regression.Trainers.Deep(new Mlp(), options, "Price", "Area").Fit(data)).Message);
        Assert.Contains("'Area' holds NaN in row", Assert.Throws<InvalidOperationException>(() =>
            ml.Regression.Trainers.Deep(new TabularNet(), ["Area"], options with { MissingFeatures = MissingFeatures.Error }, "Price").Fit(data)).Message);
        using var kept = ml.Regression.Trainers.Deep(ModelConfig.From((_, outputs) => new ZeroForMissing(outputs)), options with { Epochs = 1, MissingFeatures = MissingFeatures.Keep }, "Price", "Area").Fit(data);
        Assert.Equal(50, kept.History.Epochs[0].Rows);
    }

    [Fact]
    public void MeasuredNormalization_PassesMissingNumbersBy()
    {
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new House { Area = i % 4 == 0 ? float.NaN : i % 4, Price = i, Sizes = [0, 0] }));
        using var model = ml.Regression.Trainers.Deep(new TabularNet(), ["Area"], options with { Epochs = 1, Normalization = Normalization.Measured }, "Price").Fit(data);
        Assert.Equal(2, model.Model.Input.Mean![0], 1e-5);
        Assert.Equal(Math.Sqrt(2.0 / 3), model.Model.Input.Std![0], 1e-5);
    }

    [Fact]
    public void WhatDoesNotFit_IsNamed()
    {
        var data = Load(20);
        Says("column 'Id' is String", () => ml.Regression.Trainers.Deep(new TabularNet(), AllColumns.Usable, options, "Price").Fit(data));
        Says("MapTextToKeys()", () => ml.Regression.Trainers.Deep(new TabularNet(), AllColumns.Usable, options, "Price").Fit(data));
        Says("'Nope', which is not in the data", () => ml.Regression.Trainers.Deep(new TabularNet(), AllColumns.But("Nope"), options, "Price").Fit(data));
        Says("'Nope', which is not in the data", () => ml.Transforms.Conversion.MapTextToKeys(["Nope"]).Fit(data));

        static void Says(string expected, Action act) => Assert.Contains(expected, Assert.ThrowsAny<ArgumentException>(act).Message);
    }

    [Fact]
    public void MapTextToKeys_OfATableWithoutText_ChangesNothing_AndIsSaved()
    {
        var data = ml.Data.LoadFromEnumerable([new Estimate { Score = 3 }]);
        var model = ml.Transforms.Conversion.MapTextToKeys().Fit(data);
        using var stream = new MemoryStream();
        ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        Assert.Equal([3f], Scores(ml.Model.Load(stream, out _).Transform(data)));
    }

    private static List<float> Scores(IDataView data) => [.. data.GetColumn<float>("Score")];

    // area, rooms, garden and town make the price; every eighth area is missing, and then the price is the mean one
    private IDataView Load(int rows)
    {
        var random = new Random(7);
        var towns = new[] { "Oslo", "Bern", "Rome" };
        File.WriteAllLines(TextFile, Enumerable.Range(0, rows).Select(i =>
        {
            var (area, count, garden, town) = (50 + random.Next(100), 1 + random.Next(5), random.Next(2), random.Next(3));
            var price = (i % 8 == 0 ? 100 : area) * 10 + count * 50 + garden * 200 + town * 300;
            return FormattableString.Invariant($"house {i},{(i % 8 == 0 ? "" : area)},{count},{garden},{towns[town]},{town + random.NextDouble() * 0.1},{random.NextDouble()},{price}");
        }).Prepend("Id,Area,Rooms,Garden,Town,Size1,Size2,Price"));
        return ml.Data.LoadFromTextFile<House>(TextFile, new TextLoader.Options { Separators = [','], HasHeader = true, MissingRealsAsNaNs = true });
    }

    private sealed class ZeroForMissing : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear head;

        public ZeroForMissing(int outputs) : base(nameof(ZeroForMissing))
        {
            head = nn.Linear(1, outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => head.call(input.nan_to_num(0, 0, 0));
    }

    private sealed class House
    {
        [LoadColumn(0)]
        public string Id { get; set; } = "";

        [LoadColumn(1)]
        public float Area { get; set; }

        [LoadColumn(2)]
        public float Rooms { get; set; }

        [LoadColumn(3)]
        public bool Garden { get; set; }

        [LoadColumn(4)]
        public string Town { get; set; } = "";

        [LoadColumn(5, 6), VectorType(2)]
        public float[] Sizes { get; set; } = [];

        [LoadColumn(7)]
        public float Price { get; set; }
    }

    private sealed class Estimate
    {
        public float Score { get; set; }
    }
}
