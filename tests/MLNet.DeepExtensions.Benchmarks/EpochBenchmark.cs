using System.Text.Json.Nodes;
using Microsoft.ML;
using TorchSharp;

namespace MLNet.DeepExtensions.Benchmarks;

internal static class EpochBenchmark
{
    // several, so that a leg lasts over a second and building the network weighs what it weighs in a real run
    private const int Epochs = 4;

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var train = Mnist.View(ml, "train");
        var pipeline = Mnist.Pipeline(ml, new DeepTrainerOptions { Epochs = Epochs, BatchSize = 64, Optimizer = new Sgd { LearningRate = 0.01 } });
        // the first of ours loads libtorch, which the plain loop needs too
        Mnist.Trained(pipeline.Fit(train)).Dispose();
        var (pictures, digits) = Mnist.Tensors("train");
        var ingest = new List<double>();
        double ourLoss = 0, plainLoss = 0;

        Pairs.Run("epoch", pairs, Ours, Plain, extra: () => new JsonObject
        {
            ["ingest_seconds"] = Pairs.Round(Pairs.Quantile(ingest, 0.5)),
            ["threads"] = torch.get_num_threads(),
            ["our_loss"] = Pairs.Round(ourLoss),
            ["plain_loss"] = Pairs.Round(plainLoss),
        }, units: Epochs);

        // all of Fit but the reading of rows, which is told apart
        double Ours()
        {
            DeepTransformer? trained = null;
            var seconds = Pairs.Seconds(() => trained = Mnist.Trained(pipeline.Fit(train)));
            var history = trained!.History;
            trained.Dispose();
            ingest.Add(history.IngestTime.TotalSeconds);
            ourLoss = history.Epochs[^1].Train["loss"];
            return seconds - history.IngestTime.TotalSeconds;
        }

        double Plain()
        {
            return Pairs.Seconds(() =>
            {
                using var network = PlainTraining.Network();
                plainLoss = PlainTraining.Run(network, pictures, digits, Epochs).Loss;
            });
        }
    }
}
