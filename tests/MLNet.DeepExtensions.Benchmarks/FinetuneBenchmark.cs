using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>
/// Fine-tuning SqueezeNet, all but the last block and the head frozen, from a file of weights: ours against a loop by hand that takes the same weights and freezes the same.
/// </summary>
internal static class FinetuneBenchmark
{
    private const int Steps = 8, BatchSize = 32;
    private static readonly string[] trained = ["classifier", "features.12"];

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var pictures = new RandomPictures(ml, Steps * BatchSize);
        var folder = Directory.CreateTempSubdirectory("finetune");
        try
        {
            // the values do not matter for the time: an untrained network's do
            var weights = Path.Combine(folder.FullName, "squeezenet.safetensors");
            using (var untrained = ml.MulticlassClassification.Trainers.Deep(new SqueezeNet { HeadRelu = false }, new DeepTrainerOptions { Epochs = 1 }).Fit(ml.Data.TakeRows(pictures.Data, BatchSize)))
                untrained.SaveWeights(weights);
            var options = new DeepTrainerOptions
            {
                Epochs = 2, BatchSize = BatchSize, Optimizer = new AdamW { LearningRate = 1e-3 }, InitialWeights = new PretrainedWeights(weights),
                Freeze = ["features.0", "features.3", "features.4", "features.6", "features.7", "features.9", "features.10", "features.11"],
            };
            Pairs.Run("finetune", pairs, Ours, Plain, units: Steps);

            double Ours()
            {
                using var model = ml.MulticlassClassification.Trainers.Deep(new SqueezeNet { HeadRelu = false }, options).Fit(pictures.Data);
                return model.History.Epochs[^1].Duration.TotalSeconds;
            }

            double Plain()
            {
                using var network = new SqueezeNet { HeadRelu = false }.Build(new ImageShape(RandomPictures.Side, RandomPictures.Side, 3), RandomPictures.Classes);
                var parameters = network.named_parameters().ToList();
                foreach (var (name, parameter) in parameters)
                    parameter.requires_grad = trained.Any(name.StartsWith);
                using var optimizer = optim.AdamW(parameters.Where(entry => entry.parameter.requires_grad).Select(entry => entry.parameter), 1e-3);
                return pictures.PlainLoop(network, optimizer, BatchSize);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
