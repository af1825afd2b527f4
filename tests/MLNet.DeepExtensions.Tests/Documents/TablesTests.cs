using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/tables.md, run as it is shown there.</summary>
public sealed class TablesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tables").FullName;
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void ATableFromAFile()
    {
        var path = WriteFlats();
        #region table
        var data = ml.Data.LoadFromTextFile<Flat>(path, new TextLoader.Options
        {
            Separators = [','], HasHeader = true,
            MissingRealsAsNaNs = true,                                 // else an empty field is 0
        });
        var pipeline = ml.Transforms.Conversion.MapTextToKeys()        // every text column becomes a key
            .Append(ml.Regression.Trainers.Deep(new TabularNet(), AllColumns.But("Id"), labelColumnName: "Rent"));
        using var model = pipeline.Fit(data);
        #endregion
        Assert.Equal(["Size", "Town", "Balcony"], model.LastTransformer.FeatureColumnNames);

        #region predict
        using var engine = ml.Model.CreatePredictionEngine<Flat, Estimate>(model);
        var estimate = engine.Predict(new Flat { Size = float.NaN, Town = "Bern", Balcony = true });        // nobody knows how large it is
        #endregion
        Assert.True(float.IsFinite(estimate.Score));

        #region numbers
        var numbers = ((TabularNet)model.LastTransformer.Model.Config).Numbers!;
        Console.WriteLine($"mean size {numbers.Mean[0]:0} m², {numbers.Bins![0].Count - 1} bins");
        #endregion
        Assert.Equal(48, numbers.Bins[0].Count - 1);
    }

    [Fact]
    public void NetworksAndEmbeddings()
    {
        var data = ml.Data.LoadFromTextFile<Flat>(WriteFlats(), new TextLoader.Options { Separators = [','], HasHeader = true, MissingRealsAsNaNs = true });
        #region networks
        ModelConfig network = new TabularNet { Width = 128, Blocks = 2, HiddenDropout = 0.3, Embedding = new PiecewiseLinear { Bins = 48 } };
        ModelConfig attention = new FtTransformer { Width = 64, Layers = 3, Embedding = new Periodic { Frequencies = 32, Sigma = 0.1 } };
        var options = new DeepTrainerOptions { BatchSize = 256, Optimizer = new AdamW { LearningRate = 2e-3, WeightDecay = 0.02 }, Schedule = new OneCycle() };
        #endregion
        foreach (var config in new[] { network, attention })
        {
            using var model = ml.Transforms.Conversion.MapTextToKeys().Append(ml.Regression.Trainers.Deep(config, AllColumns.But("Id"), options with { Epochs = 1 }, labelColumnName: "Rent")).Fit(data);
            Assert.Single(model.LastTransformer.History.Epochs);
        }
    }

    private string WriteFlats()
    {
        var path = Path.Combine(folder, "flats.csv");
        var random = new Random(1);
        File.WriteAllLines(path, Enumerable.Range(0, 300).Select(i => FormattableString.Invariant($"{i},{(i % 9 == 0 ? "" : 20 + random.NextDouble() * 100)},{(i % 2 == 0 ? "Bern" : "Oslo")},{i % 3 == 0},{random.Next(2000)}"))
            .Prepend("Id,Size,Town,Balcony,Rent"));
        return path;
    }

    private sealed class Flat
    {
        [LoadColumn(0)]
        public string Id { get; set; } = "";

        [LoadColumn(1)]
        public float Size { get; set; }

        [LoadColumn(2)]
        public string Town { get; set; } = "";

        [LoadColumn(3)]
        public bool Balcony { get; set; }

        [LoadColumn(4)]
        public float Rent { get; set; }
    }

    private sealed class Estimate
    {
        public float Score { get; set; }
    }
}
