using MLNet.DeepExtensions;

namespace ForecastingSample;

/// <summary>What is trained, and how.</summary>
internal static class Recipe
{
    /// <summary>The settings of Zeng et al. 2023 for this set; their learning rate halves each epoch, so that the last weights are the calmest.</summary>
    public static (ModelConfig Network, DeepTrainerOptions Options) For(string name) => name switch
    {
        "nlinear" => (new NLinear(), new DeepTrainerOptions
        {
            Epochs = 10, BatchSize = 32, Optimizer = new Adam { LearningRate = 0.005 }, Schedule = new ExponentialDecay { Gamma = 0.5 }, KeepBestWeights = false, Metrics = [],
        }),
        _ => throw new ArgumentException($"There is no recipe '{name}'.", nameof(name)),
    };
}
