using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests.Torch.Search;

/// <summary>Searches that take a second: three clouds of points, networks of one small layer.</summary>
internal static class Candidates
{
    public sealed record Candidate(Mlp Network, DeepTrainerOptions Options);

    public static Candidate Draw(SearchDice dice) => new(
        new Mlp { HiddenSizes = [dice.Integer("width", 4, 24)] },
        Blobs.Options with { BatchSize = dice.Choice("batch", 16, 32), Optimizer = new Adam { LearningRate = dice.LogUniform("rate", 1e-6, 0.1) } });

    public static Func<Candidate, TrialBudget, IEstimator<ITransformer>> Pipeline(MLContext ml) =>
        (candidate, budget) => Blobs.Pipeline(ml, budget.Apply(candidate.Options), candidate.Network);

    public static IDataView Train(MLContext ml) => Blobs.View(ml, 120);

    public static IDataView Validation(MLContext ml) => Blobs.View(ml, 60, seed: 8);

    /// <summary>Tells on the thread that reports, unlike <see cref="Progress{T}"/>.</summary>
    public sealed class Listener(Action<Trial> hear) : IProgress<Trial>
    {
        public void Report(Trial value) => hear(value);
    }

    /// <summary>Makes a candidate diverge: after its first step its weights are infinite.</summary>
    public static Candidate Exploding(Candidate candidate) => candidate with { Options = candidate.Options with { Callbacks = [new Explosion()] } };

    private sealed class Explosion : Callback
    {
        public override void OnBatchEnd(TrainingState state)
        {
            using var _ = TorchSharp.torch.no_grad();
            foreach (var parameter in state.Module.parameters())
                parameter.fill_(float.PositiveInfinity);
        }
    }

    public sealed class EachEpoch(Action hear) : Callback
    {
        public override void OnEpochEnd(TrainingState state, EpochReport report) => hear();
    }
}
