using MLNet.DeepExtensions;

namespace TextGenerationSample;

/// <summary>What is trained, and how.</summary>
internal static class Recipe
{
    /// <summary>So many that our own settings take as long as <see cref="NanoGpt"/>, or a little less.</summary>
    public const int FullSteps = 3400;

    /// <summary>
    /// nanoGPT's network and amount of training for a processor without a graphics card: 4 layers, 128 wide, 2,000 steps of 12 windows of 64 characters, no dropout.
    /// The learning rate is three times its own, with which it ends at 1.89 nats a character.
    /// </summary>
    public static (Gpt Network, DeepTrainerOptions Options) NanoGpt => (new Gpt { Layers = 4, Heads = 4, HiddenSize = 128, Context = 64, Dropout = 0, Activation = Activation.Gelu },
        Options(2000, learningRate: 3e-3, finalFactor: 0.1) with { BatchSize = 12 });

    /// <summary>
    /// Our own: of so little time a smaller network makes more, since it sees more text (Hoffmann et al. 2022, "Training Compute-Optimal Large Language Models"). Positions are turned, and the learning rate ends at nothing.
    /// </summary>
    public static (Gpt Network, DeepTrainerOptions Options) Own(int steps) =>
        (new Gpt { Layers = 3, Heads = 3, HiddenSize = 96, Context = 64, Dropout = 0, Activation = Activation.Gelu, Positions = Positions.Rotary },
        Options(steps, learningRate: 5e-3, finalFactor: 0) with { BatchSize = 12 });

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
