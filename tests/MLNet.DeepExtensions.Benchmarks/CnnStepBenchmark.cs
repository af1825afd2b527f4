using Microsoft.ML;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>Training steps of ResNet-18: ours against a loop by hand in float32, then channels-last, half precision and augmentation against ours without.</summary>
internal static class CnnStepBenchmark
{
    private const int Steps = 4, BatchSize = 32;

    private static readonly DeepTrainerOptions options = new() { Epochs = 2, BatchSize = BatchSize, Optimizer = new Sgd { LearningRate = 0.01, Momentum = 0.9 } };

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var pictures = new RandomPictures(ml, Steps * BatchSize);
        Ours(ml, pictures.Data, options);
        Pairs.Run("cnn-step", pairs, () => Ours(ml, pictures.Data, options), () => Plain(pictures), units: Steps);
        Pairs.Run("cnn-step-channels-last", pairs, () => Ours(ml, pictures.Data, options with { ChannelsLast = true }), () => Ours(ml, pictures.Data, options), units: Steps);
        Pairs.Run("cnn-step-bf16", pairs, () => Ours(ml, pictures.Data, options with { Precision = Precision.BFloat16Mixed, ChannelsLast = true }), () => Ours(ml, pictures.Data, options), units: Steps);
    }

    public static void RunAugmented(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var pictures = new RandomPictures(ml, Steps * BatchSize);
        Ours(ml, pictures.Data, options);
        Compare("augment-crop-flip", new RandomCrop(RandomPictures.Side) { Padding = 4 }, new RandomHorizontalFlip());
        Compare("augment-resized-crop-colour", new RandomResizedCrop(RandomPictures.Side), new RandomHorizontalFlip(), new ColorJitter(0.3, 0.3, 0.3, 0.1));
        Compare("augment-rand-augment", new RandAugment(), new RandomErasing());

        void Compare(string name, params Augmentation[] augmentations)
        {
            var augmented = ml.Transforms.AugmentImages("Features", augmentations).Fit(pictures.Data).Transform(pictures.Data);
            Pairs.Run(name, pairs, () => Ours(ml, augmented, options), () => Ours(ml, pictures.Data, options), units: Steps);
        }
    }

    // the second epoch: the first one warms libtorch's caches of kernels
    private static double Ours(MLContext ml, IDataView data, DeepTrainerOptions with)
    {
        using var model = ml.MulticlassClassification.Trainers.Deep(new ResNet(), with).Fit(data);
        return model.History.Epochs[^1].Duration.TotalSeconds;
    }

    private static double Plain(RandomPictures pictures)
    {
        using var network = new ResNet().Build(new ImageShape(RandomPictures.Side, RandomPictures.Side, 3), RandomPictures.Classes);
        using var optimizer = optim.SGD(network.parameters(), 0.01, momentum: 0.9);
        return pictures.PlainLoop(network, optimizer, BatchSize);
    }
}
