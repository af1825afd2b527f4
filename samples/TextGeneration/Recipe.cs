using MLNet.DeepExtensions;

namespace TextGenerationSample;

/// <summary>What is trained, and how.</summary>
internal static class Recipe
{
    /// <summary>As long as <see cref="NanoGpt"/> takes, or a little shorter.</summary>
    public const int FullSteps = 2000;

    /// <summary>nanoGPT's settings for a processor without a graphics card: 4 layers, 2,000 steps of 12 windows of 64 characters, no dropout.</summary>
    public static (Gpt Network, DeepTrainerOptions Options) NanoGpt => (new Gpt { Layers = 4, Heads = 4, HiddenSize = 128, Context = 64, Dropout = 0, Activation = Activation.Gelu },
        Options(2000, learningRate: 1e-3, finalFactor: 0.1) with { BatchSize = 12 });

    /// <summary>Our own.</summary>
    public static (Gpt Network, DeepTrainerOptions Options) Own(int steps) =>
        (new Gpt { Layers = 4, Heads = 4, HiddenSize = 128, Context = 64, Dropout = 0, Activation = Activation.Gelu, Positions = Positions.Rotary },
        Options(steps, learningRate: 3e-3, finalFactor: 0) with { BatchSize = 12 });

    // the last weights are taken: the run is one long descent, which ends where the steps do
    private static DeepTrainerOptions Options(int steps, double learningRate, double finalFactor)
    {
        var rise = Math.Min(100, steps / 10);
        return new DeepTrainerOptions
        {
            Epochs = 1000, MaxSteps = steps, ClipGradientNorm = 1, Metrics = [],
            Optimizer = new AdamW { LearningRate = learningRate, Beta2 = 0.99, WeightDecay = 0.1, Groups = [ParameterGroup.NoDecay] },
            Schedule = new Warmup { Length = rise, Then = new CosineRestarts { Per = ScheduleUnit.Step, FirstRound = steps - rise, FinalFactor = finalFactor } },
        };
    }
}
