using System.Text.Json.Nodes;
using Microsoft.ML;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>All callbacks at once against none, validation in both: training steps of ResNet-18 on pictures of 64 × 64.</summary>
internal static class CallbackBenchmark
{
    private const int Steps = 16, BatchSize = 32;

    // a callback that needs arguments, and one whose work is part of the model's quality and not of watching, is made here; others are found
    private static readonly Dictionary<Type, Func<Callback>> made = new()
    {
        [typeof(GradualUnfreezing)] = () => new GradualUnfreezing("layer4"),
        [typeof(EarlyStopping)] = () => new EarlyStopping { Patience = 1000 },
        [typeof(ReduceOnPlateau)] = () => new ReduceOnPlateau { Patience = 1000 },
    };

    private static List<Callback> All =>
    [
        .. typeof(Callback).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Callback)) && !type.IsAbstract)
            .Select(type => made.TryGetValue(type, out var make) ? make() : (Callback?)(type.GetConstructor([]) is null ? null : Activator.CreateInstance(type))
                ?? throw new InvalidOperationException($"Say in {nameof(CallbackBenchmark)} how to make a {type.Name}.")),
    ];

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var (pictures, validation) = (new RandomPictures(ml, Steps * BatchSize), new RandomPictures(ml, 2 * BatchSize));
        var options = new DeepTrainerOptions { Epochs = 2, BatchSize = BatchSize, Optimizer = new AdamW(), KeepBestWeights = false };
        Pairs.Run("callback-overhead", pairs, () => Fit(options with { Callbacks = All, KeepBestWeights = true, ClipGradientNorm = 1, MaxTime = TimeSpan.FromHours(1), Progress = new Progress<EpochReport>() }),
            () => Fit(options with { ClipGradientNorm = 1 }), () => new JsonObject { ["callbacks"] = new JsonArray([.. All.Select(callback => JsonValue.Create(callback.GetType().Name))]) }, units: Steps);
        foreach (var callback in All.Select(callback => callback.GetType()))
            Pairs.Run($"callback-overhead-{callback.Name}", Math.Min(pairs, 5), () => Fit(options with { Callbacks = [.. All.Where(item => item.GetType() == callback)] }), () => Fit(options), units: Steps);

        // the second epoch: the first one warms libtorch's caches of kernels
        double Fit(DeepTrainerOptions with)
        {
            using var model = ml.MulticlassClassification.Trainers.Deep(new ResNet(), with).Fit(pictures.Data, validation.Data);
            return model.History.Epochs[^1].Duration.TotalSeconds;
        }
    }
}
