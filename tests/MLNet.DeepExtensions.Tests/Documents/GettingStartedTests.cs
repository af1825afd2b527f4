using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/getting-started.md, run as it is shown there.</summary>
public sealed class GettingStartedTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("getting-started").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void FromRowsToPredictions()
    {
        var rows = Iris(150);
        var modelPath = Path.Combine(folder, "iris.zip");
        #region data
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(rows);
        var split = ml.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1, stratificationColumnName: "Label");
        #endregion

        #region pipeline
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.NormalizeMeanVariance("Features"))
            .Append(ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [32, 16], Dropout = 0.1 }, new DeepTrainerOptions
            {
                Epochs = 100,
                BatchSize = 16,
                Optimizer = new AdamW { LearningRate = 0.01 },
                Callbacks = [new EarlyStopping { Patience = 10 }],
            }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Species", "PredictedLabel"));

        var model = pipeline.Fit(split.Train, split.Validation);
        #endregion

        #region evaluate
        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(split.Test));
        Console.WriteLine($"accuracy {metrics.MicroAccuracy:P1}, log-loss {metrics.LogLoss:0.000}");
        #endregion
        Assert.True(metrics.MicroAccuracy > 0.9);

        #region save
        ml.Model.Save(model, data.Schema, modelPath);

        var loaded = new MLContext().Model.Load(modelPath, out _);
        var engine = ml.Model.CreatePredictionEngine<Flower, Answer>(loaded);
        var answer = engine.Predict(new Flower { Features = [5.1f, 3.5f, 1.4f, 0.2f] });
        Console.WriteLine($"{answer.Species} ({answer.Score.Max():P0})");
        #endregion
        Assert.Equal("setosa", answer.Species);

        #region history
        var trained = model.OfType<DeepTransformer>().Single();
        foreach (var epoch in trained.History.Epochs)
            Console.WriteLine($"{epoch.Epoch}: {epoch.Train["loss"]:0.000} {epoch.Validation!["loss"]:0.000}");
        #endregion
        Assert.True(trained.History.Epochs.Count > 1);

        var weightsPath = Path.Combine(folder, "iris.safetensors");
        #region weights
        trained.SaveWeights(weightsPath);                      // PyTorch: safetensors.torch.load_file("iris.safetensors")
        #endregion
        Assert.True(File.Exists(weightsPath));

        #region safe
        using var stream = File.OpenRead(modelPath);
        using var network = DeepModel.Load(stream);            // reads our entry and nothing else of the file
        Console.WriteLine($"{network.Config} for {string.Join(", ", network.Labels)}");
        #endregion
        Assert.Equal(["setosa", "versicolor", "virginica"], network.Labels.Order());
    }

    [Fact]
    public void PicturesAsVectors()
    {
        var folder = Repository.PathOf("samples", "data", "mnist");
        var ml = new MLContext(seed: 1);
        #region idx
        var train = ml.Data.LoadIdx(Path.Combine(folder, "train-images-idx3-ubyte.gz"), Path.Combine(folder, "train-labels-idx1-ubyte.gz"));
        var test = ml.Data.LoadIdx(Path.Combine(folder, "t10k-images-idx3-ubyte.gz"), Path.Combine(folder, "t10k-labels-idx1-ubyte.gz"));
        #endregion
        Assert.Equal((60_000, 10_000), (train.GetRowCount(), test.GetRowCount()));
    }

    [Fact]
    public void YourOwnNetwork()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Iris(150));

        #region one-off
        var trainer = ml.MulticlassClassification.Trainers.Deep(
            (input, classes) => nn.Sequential(nn.Linear(input.Count, 64), nn.GELU(), nn.Linear(64, classes)),
            new DeepTrainerOptions { Epochs = 30, Optimizer = new Adam { LearningRate = 0.01 } });
        #endregion
        using var first = ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer).Fit(data);
        Assert.True(ml.MulticlassClassification.Evaluate(first.Transform(data)).MicroAccuracy > 0.9);

        #region register
        ModelConfig.Register<Wide>("wide");                    // once, when the application starts
        #endregion
        using var second = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(new Wide { Width = 32 }, new DeepTrainerOptions { Epochs = 2 })).Fit(data);
        using var file = new MemoryStream();
        ml.Model.Save(second, data.Schema, file);
        using var model = DeepModel.Load(file);
        Assert.Equal(new Wide { Width = 32 }, model.Config);
    }

    [Fact]
    public void YourOwnCallback()
    {
        var ml = new MLContext(seed: 1);
        #region options
        var options = new DeepTrainerOptions { Epochs = 5, Callbacks = [new Decay()], ValidationFraction = 0.2, Device = "auto" };
        #endregion
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new Mlp(), options)).Fit(ml.Data.LoadFromEnumerable(Iris(150)));
        Assert.Equal(0.001 * Math.Pow(0.9, 4), model.LastTransformer.History.Epochs[^1].LearningRate, 1e-9);
    }

    #region rows
    public sealed class Flower
    {
        public string Label { get; set; } = "";

        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }

    public sealed class Answer
    {
        public string Species { get; set; } = "";

        public float[] Score { get; set; } = [];
    }
    #endregion

    #region config
    public sealed record Wide : ModelConfig
    {
        public int Width { get; init; } = 256;

        public override nn.Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null) => nn.Sequential(
            ("hidden", nn.Linear(input.Count, Width, device: device)),
            ("relu", nn.ReLU()),
            ("out", nn.Linear(Width, outputs, device: device)));
    }
    #endregion

    #region callback
    public sealed class Decay : Callback
    {
        public override void OnEpochEnd(TrainingState state, EpochReport report) => state.Optimizer.LearningRate *= 0.9;
    }
    #endregion

    // flowers drawn around the means of Fisher's three species (1936); sepal length and width, petal length and width in cm
    private static List<Flower> Iris(int count)
    {
        (string Name, float[] Mean)[] species =
        [
            ("setosa", [5.0f, 3.4f, 1.5f, 0.25f]), ("versicolor", [5.9f, 2.8f, 4.3f, 1.3f]), ("virginica", [6.6f, 3.0f, 5.6f, 2.0f]),
        ];
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(i => new Flower
        {
            Label = species[i % 3].Name, Features = [.. species[i % 3].Mean.Select(mean => mean + 0.35f * (float)(random.NextDouble() - 0.5))],
        })];
    }
}
