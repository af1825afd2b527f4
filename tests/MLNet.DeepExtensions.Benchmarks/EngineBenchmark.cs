using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

internal static class EngineBenchmark
{
    private const int Rows = 1000;

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var model = Mnist.Pipeline(ml, new DeepTrainerOptions { Epochs = 1, Optimizer = new Sgd { LearningRate = 0.01 } }).Fit(Mnist.View(ml, "train"));
        var pictures = ml.Data.CreateEnumerable<Picture>(ml.Data.TakeRows(Mnist.View(ml, "t10k"), Rows), reuseRowObject: false).ToArray();
        var floats = pictures.Select(picture => Array.ConvertAll(picture.Features, pixel => pixel / 255f)).ToArray();
        var network = (nn.Module<Tensor, Tensor>)Mnist.Trained(model).Module;
        var engine = ml.Model.CreatePredictionEngine<Picture, Prediction>(model);
        var (ours, plain) = (0.0, 0.0);

        Pairs.Run("engine", pairs, Ours, Plain, () => new JsonObject { ["rows"] = Rows, ["our_sum"] = Pairs.Round(ours), ["plain_sum"] = Pairs.Round(plain) }, units: Rows);

        double Ours() => Pairs.Seconds(() =>
        {
            ours = 0;
            foreach (var picture in pictures)
                ours += engine.Predict(picture).Score.Max();
        });

        double Plain() => Pairs.Seconds(() =>
        {
            plain = 0;
            foreach (var row in floats)
            {
                using var _ = inference_mode();
                using var scope = NewDisposeScope();
                var x = tensor(row).unsqueeze(0);
                plain += nn.functional.softmax(network.call(x), 1).data<float>().ToArray().Max();
            }
        });
    }

    private sealed class Picture
    {
        [VectorType(28, 28)]
        public byte[] Features { get; set; } = [];

        public byte Label { get; set; }
    }

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];
    }
}
