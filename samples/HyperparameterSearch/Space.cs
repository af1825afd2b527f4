using MLNet.DeepExtensions;

namespace HyperparameterSearchSample;

#region space    // shown in docs/search.md
/// <summary>What varies: the network and how it is trained.</summary>
internal sealed record Candidate(ModelConfig Network, DeepTrainerOptions Options)
{
    public static Candidate Draw(SearchDice dice) => new(
        new Mlp
        {
            HiddenSizes = dice.Choice<IReadOnlyList<int>>("layers", [64], [128], [256], [256, 128]),
            Dropout = dice.Uniform("dropout", 0, 0.5),
        },
        new DeepTrainerOptions
        {
            BatchSize = dice.Choice("batch", 32, 64, 128),
            Optimizer = dice.Choice<OptimizerConfig>("optimizer", new AdamW(), new Sgd { Momentum = 0.9 }) with { LearningRate = dice.LogUniform("rate", 1e-4, 0.3) },
            Callbacks = [new EarlyStopping { Patience = 3 }],
        });
}
#endregion
