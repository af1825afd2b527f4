using System.Text.Json.Nodes;
using Microsoft.ML;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>
/// What runs that survive cost: a checkpoint after each epoch against none, for the small network on MNIST (0.5 s an epoch) and for ResNet-18 with AdamW, whose checkpoint has 134 MB of weights and averages.
/// </summary>
internal static class ResumeBenchmark
{
    private const int MnistEpochs = 4, PictureEpochs = 2, PictureSteps = 40, BatchSize = 32;

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var mnist = Mnist.View(ml, "train");
        Compare("resume-overhead", MnistEpochs, options => Mnist.Trained(Mnist.Pipeline(ml, options).Fit(mnist)),
            new DeepTrainerOptions { Epochs = MnistEpochs, BatchSize = 64, Optimizer = new AdamW() }, pairs);
        var pictures = new RandomPictures(ml, PictureSteps * BatchSize);
        Compare("resume-overhead-resnet18", PictureEpochs, options => ml.MulticlassClassification.Trainers.Deep(new ResNet(), options).Fit(pictures.Data),
            new DeepTrainerOptions { Epochs = PictureEpochs, BatchSize = BatchSize, Optimizer = new AdamW() }, Math.Min(pairs, 5));
    }

    private static void Compare(string name, int epochs, Func<DeepTrainerOptions, DeepTransformer> fit, DeepTrainerOptions options, int pairs)
    {
        long bytes = 0;
        Pairs.Run(name, pairs, With, () => Fit(options), () => new JsonObject { ["checkpoint_bytes"] = bytes }, units: epochs);

        double With()
        {
            var folder = Directory.CreateTempSubdirectory("resume-overhead");
            try
            {
                var seconds = Fit(options with { Checkpoints = new CheckpointPolicy(folder.FullName) });
                bytes = folder.EnumerateFiles("step-*").Max(file => file.Length);
                return seconds;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        // all of Fit but the reading of rows; the deletion of the folder is not the run's
        double Fit(DeepTrainerOptions with)
        {
            var ingest = TimeSpan.Zero;
            var seconds = Pairs.Seconds(() =>
            {
                using var model = fit(with);
                ingest = model.History.IngestTime;
            });
            return seconds - ingest.TotalSeconds;
        }
    }
}
