using MLNet.DeepExtensions;

namespace TextGenerationSample;

/// <summary>What is trained, and how.</summary>
internal static class Recipe
{
    /// <summary>nanoGPT's settings for a processor without a graphics card: 4 layers, 2,000 steps of 12 windows of 64 characters, no dropout.</summary>
    public static (Gpt Network, DeepTrainerOptions Options) NanoGpt => (new Gpt { Layers = 4, Heads = 4, HiddenSize = 128, Context = 64, Dropout = 0, Activation = Activation.Gelu }, new DeepTrainerOptions
    {
        Epochs = 100, MaxSteps = 2000, BatchSize = 12, ClipGradientNorm = 1, Metrics = [],
        Optimizer = new AdamW { LearningRate = 1e-3, Beta2 = 0.99, WeightDecay = 0.1, Groups = [ParameterGroup.NoDecay] },
        Schedule = new Warmup { Length = 100, Then = new CosineRestarts { Per = ScheduleUnit.Step, FirstRound = 1900, FinalFactor = 0.1 } },
    });

    /// <summary>Our own, which take no longer.</summary>
    public static (Gpt Network, DeepTrainerOptions Options) Own(int steps) => (new Gpt { Layers = 4, Heads = 4, HiddenSize = 128, Context = 64, Dropout = 0, Activation = Activation.Gelu, Positions = Positions.Rotary }, new DeepTrainerOptions
    {
        Epochs = 100, MaxSteps = steps, BatchSize = 12, ClipGradientNorm = 1, Metrics = [],
        Optimizer = new AdamW { LearningRate = 3e-3, Beta2 = 0.99, WeightDecay = 0.1, Groups = [ParameterGroup.NoDecay] },
        Schedule = new Warmup { Length = 100, Then = new CosineRestarts { Per = ScheduleUnit.Step, FirstRound = steps - 100 } },
    });
}
