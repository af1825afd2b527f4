using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>Digits of MNIST through 784-128-10 in an ML.NET pipeline: our portable model, ours in libtorch, and the same graph in ML.NET's OnnxTransformer.</summary>
internal static class OnnxBenchmark
{
    private const int Rows = 10_000, OneByOne = 1000;

    public static void Run(int pairs)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            RunMlp(pairs, folder.FullName);
            RunSmaller(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void RunMlp(int pairs, string folder)
    {
        var ml = new MLContext(seed: 1);
        var (train, test) = (Floats(ml, "train"), Floats(ml, "t10k"));
        using var torch = ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [128] }, new DeepTrainerOptions { Epochs = 1, Seed = 1 }).Fit(train);
        var portable = Portable(ml, torch, train.Schema, Path.Combine(folder, "mlp.zip"));
        var theirs = ml.Transforms.ApplyOnnxModel("scores", "Features", Graph(Path.Combine(folder, "mlp.zip"), Path.Combine(folder, "mlp.onnx")), shapeDictionary: new Dictionary<string, int[]> { ["Features"] = [1, 784] }).Fit(test);

        var sums = new double[3];
        Pairs.Run("onnx", pairs, () => Scored(portable, test, "Score", ref sums[0]), () => Scored(theirs, test, "scores", ref sums[1]), () => new JsonObject { ["rows"] = Rows, ["our_sum"] = Pairs.Round(sums[0]), ["their_sum"] = Pairs.Round(sums[1]) }, asSpeed: true, units: Rows);
        Pairs.Run("onnx-torch", pairs, () => Scored(portable, test, "Score", ref sums[0]), () => Scored(torch, test, "Score", ref sums[2]), () => new JsonObject { ["rows"] = Rows, ["torch_sum"] = Pairs.Round(sums[2]) }, asSpeed: true, units: Rows);

        var rows = ml.Data.CreateEnumerable<Pixels>(ml.Data.TakeRows(test, OneByOne), reuseRowObject: false).ToArray();
        using var ours = ml.Model.CreatePredictionEngine<Pixels, OurAnswer>(portable);
        using var other = ml.Model.CreatePredictionEngine<Pixels, TheirAnswer>(theirs);
        using var inTorch = ml.Model.CreatePredictionEngine<Pixels, OurAnswer>(torch);
        double Ours() => Pairs.Seconds(() => Array.ForEach(rows, row => ours.Predict(row)));
        Pairs.Run("onnx-latency", pairs, Ours, () => Pairs.Seconds(() => Array.ForEach(rows, row => other.Predict(row))), units: OneByOne);
        Pairs.Run("onnx-torch-latency", pairs, Ours, () => Pairs.Seconds(() => Array.ForEach(rows, row => inTorch.Predict(row))), units: OneByOne);
    }

    /// <summary>What fewer bytes of weights cost in right answers and time.</summary>
    private static void RunSmaller(string folder)
    {
        var ml = new MLContext(seed: 1);
        var (train, test) = (Mnist.View(ml, "train"), ml.Data.Cache(Mnist.View(ml, "t10k")));
        foreach (var (name, network) in ((string, ModelConfig)[])[("mlp", new Mlp { HiddenSizes = [512, 256] }), ("lenet5", new LeNet5()), ("convnet", new ConvNet())])
        {
            using var model = (IDisposable)ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
                .Append(ml.MulticlassClassification.Trainers.Deep(network, new DeepTrainerOptions { Epochs = 1, BatchSize = 64, Seed = 1 })).Fit(train);
            foreach (var weights in Enum.GetValues<PortableWeights>())
            {
                var file = Path.Combine(folder, $"{name}-{weights}.zip");
                var portable = Portable(ml, (ITransformer)model, train.Schema, file, weights);
                var metrics = ml.MulticlassClassification.Evaluate(portable.Transform(test));
                var sum = 0.0;
                var seconds = Enumerable.Range(0, 5).Select(_ => Scored(portable, test, "Score", ref sum)).Min();
                Pairs.Print(new JsonObject
                {
                    ["benchmark"] = "onnx-weights", ["network"] = name, ["weights"] = $"{weights}", ["file_bytes"] = new FileInfo(file).Length, ["accuracy"] = Math.Round(metrics.MicroAccuracy, 4),
                    ["log_loss"] = Math.Round(metrics.LogLoss, 4), ["rows_per_second"] = Math.Round(Rows / seconds),
                });
            }
        }
    }

    private static ITransformer Portable(MLContext ml, ITransformer model, DataViewSchema schema, string file, PortableWeights weights = PortableWeights.Float32)
    {
        ml.Model.SavePortable(model, schema, file, weights);
        return ml.Model.Load(file, out _);
    }

    private static string Graph(string zip, string path)
    {
        using var archive = ZipFile.OpenRead(zip);
        archive.Entries.Single(entry => entry.Name == "network.onnx").ExtractToFile(path);
        return path;
    }

    private static double Scored(ITransformer model, IDataView test, string column, ref double sum)
    {
        var total = 0.0;
        var seconds = Pairs.Seconds(() =>
        {
            var scored = model.Transform(test);
            using var cursor = scored.GetRowCursor([scored.Schema[column]]);
            var getter = cursor.GetGetter<VBuffer<float>>(scored.Schema[column]);
            VBuffer<float> scores = default;
            while (cursor.MoveNext())
            {
                getter(ref scores);
                total += scores.GetItemOrDefault(3);
            }
        });
        sum = total;
        return seconds;
    }

    // OnnxTransformer takes numbers in float32 only
    private static IDataView Floats(MLContext ml, string set)
    {
        var rows = ml.Data.CreateEnumerable<Digit>(Mnist.View(ml, set), reuseRowObject: false).Select(row => new Row { Label = row.Label, Features = Array.ConvertAll(row.Features, pixel => pixel / 255f) }).ToList();
        var view = ml.Data.LoadFromEnumerable(rows);
        return ml.Data.Cache(ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view));
    }

    private sealed class Digit
    {
        [VectorType(28, 28)]
        public byte[] Features { get; set; } = [];

        public byte Label { get; set; }
    }

    private sealed class Row
    {
        [VectorType(784)]
        public float[] Features { get; set; } = [];

        public byte Label { get; set; }
    }

    private sealed class Pixels
    {
        [VectorType(784)]
        public float[] Features { get; set; } = [];
    }

    private sealed class OurAnswer
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class TheirAnswer
    {
        [ColumnName("scores")]
        public float[] Score { get; set; } = [];
    }
}
