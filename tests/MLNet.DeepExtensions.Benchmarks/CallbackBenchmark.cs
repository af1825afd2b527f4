using System.Text.Json.Nodes;
using Microsoft.ML;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>All callbacks at once against none, validation in both: training steps of ResNet-18 on pictures of 64 × 64.</summary>
internal static class CallbackBenchmark
{
    private const int Steps = 16, BatchSize = 32;

    private static readonly DirectoryInfo logs = Directory.CreateTempSubdirectory("callbacks");

    // a callback that needs arguments, and one whose work is part of the model's quality and not of watching, is made here; others are found
    private static readonly Dictionary<Type, Func<Callback>> made = new()
    {
        [typeof(GradualUnfreezing)] = () => new GradualUnfreezing("layer4"),
        [typeof(EarlyStopping)] = () => new EarlyStopping { Patience = 1000 },
        [typeof(ReduceOnPlateau)] = () => new ReduceOnPlateau { Patience = 1000 },
        [typeof(ReportProgress)] = () => new ReportProgress(new Progress<RunProgress>()),
        [typeof(CsvLog)] = () => new CsvLog(Path.Combine(logs.FullName, "run.csv")) { EverySteps = 10 },
        [typeof(JsonLinesLog)] = () => new JsonLinesLog(Path.Combine(logs.FullName, "run.jsonl")) { EverySteps = 10 },
        [typeof(TensorBoardLog)] = () => new TensorBoardLog(Path.Combine(logs.FullName, "runs")) { EverySteps = 10 },
    };

    // a second average of the weights, which is refused beside the first
    private static readonly Type[] notWithOthers = [typeof(StochasticWeightAveraging)];

    private static List<Callback> All =>
    [
        .. typeof(Callback).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Callback)) && !type.IsAbstract)
            .Select(type => made.TryGetValue(type, out var make) ? make() : (Callback?)(type.GetConstructor([]) is null ? null : Activator.CreateInstance(type))
                ?? throw new InvalidOperationException($"Say in {nameof(CallbackBenchmark)} how to make a {type.Name}.")),
    ];

    public static void Run(int pairs)
    {
        var fit = Fitting();
        try
        {
            Pairs.Run("callback-overhead", pairs, () => fit(AllTogether(), true), () => fit([], true),
                () => new JsonObject { ["callbacks"] = new JsonArray([.. AllTogether().Select(callback => JsonValue.Create(callback.GetType().Name))]) }, units: Steps);
        }
        finally
        {
            logs.Delete(recursive: true);
        }

        static List<Callback> AllTogether() => [.. All.Where(callback => !notWithOthers.Contains(callback.GetType()))];
    }

    public static void RunEach(int pairs)
    {
        var fit = Fitting();
        try
        {
            foreach (var callback in All.Select(callback => callback.GetType()))
                Pairs.Run($"callback-overhead-{callback.Name}", Math.Min(pairs, 5), () => fit([.. All.Where(item => item.GetType() == callback)], false), () => fit([], false), units: Steps);
        }
        finally
        {
            logs.Delete(recursive: true);
        }
    }

    // the second epoch: the first one warms libtorch's caches of kernels
    private static Func<IReadOnlyList<Callback>, bool, double> Fitting()
    {
        var ml = new MLContext(seed: 1);
        var (pictures, validation) = (new RandomPictures(ml, Steps * BatchSize), new RandomPictures(ml, 2 * BatchSize));
        var options = new DeepTrainerOptions { Epochs = 2, BatchSize = BatchSize, Optimizer = new AdamW(), KeepBestWeights = false };
        return (callbacks, together) =>
        {
            var with = options with { Callbacks = callbacks };
            if (together && callbacks.Count > 0)
                with = with with { KeepBestWeights = true, MaxTime = TimeSpan.FromHours(1), Progress = new Progress<EpochReport>() };
            using var model = ml.MulticlassClassification.Trainers.Deep(new ResNet(), with).Fit(pictures.Data, validation.Data);
            return model.History.Epochs[^1].Duration.TotalSeconds;
        };
    }
}
