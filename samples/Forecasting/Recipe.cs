using MLNet.DeepExtensions;

namespace ForecastingSample;

/// <summary>What is trained, how, and how far it looks back.</summary>
internal static class Recipe
{
    /// <summary>The settings of Zeng et al. 2023 for this set. Their learning rate halves each epoch, so that the last weights are the calmest, and are taken.</summary>
    private static readonly DeepTrainerOptions published = new()
    {
        Epochs = 10, BatchSize = 32, Optimizer = new Adam { LearningRate = 0.005 }, Schedule = new ExponentialDecay { Gamma = 0.5 }, KeepBestWeights = false, Metrics = [],
    };

    public static readonly IReadOnlyList<string> Names = ["nlinear", "best", "dlinear", "patch"];

    public static (ModelConfig Network, DeepTrainerOptions Options, int Window) For(string name) => name switch
    {
        "nlinear" => (new NLinear(), published, 336),
        // of eleven pairs of window and decay the one with the lowest mean validation error over the four horizons: docs/forecasting.md
        "best" => (new NLinear(), published with { Optimizer = new AdamW { LearningRate = 0.005, WeightDecay = 3 } }, 512),
        "dlinear" => (new DLinear(), published, 336),
        "patch" => (new PatchTransformer { HeadDropout = 0.3 }, new DeepTrainerOptions
        {
            // half a minute an epoch on two cores
            Epochs = 2, BatchSize = 128, Optimizer = new Adam { LearningRate = 1e-3 }, Schedule = new CosineDecay(), Metrics = [],
        }, 336),
        _ => throw new ArgumentException($"There is no recipe '{name}'.", nameof(name)),
    };
}
