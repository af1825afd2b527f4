using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>Whole runs on MNIST with everything that watches a run on, against the same runs with nothing: 784-128-10, whose steps are so short that each callback shows.</summary>
internal static class WatchingBenchmark
{
    private const int Epochs = 4;

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var train = Mnist.View(ml, "train");
        var within = new Dictionary<string, double>();
        var (watched, runs) = (0.0, 0);
        var folder = Directory.CreateTempSubdirectory("callbacks").FullName;
        var options = new DeepTrainerOptions { Epochs = Epochs, BatchSize = 64, Optimizer = new Sgd { LearningRate = 0.01 }, ValidationFraction = 0.1 };
        try
        {
            Pairs.Run("callback-overhead-mnist", pairs, Watched, () => Seconds(options), units: Epochs, extra: () => new JsonObject
            {
                // what a busy machine does not move: the time within each callback, as a share of the runs with them
                ["share_within"] = Pairs.Round(within.Values.Sum() / watched),
                ["seconds_within_each_per_epoch"] = new JsonObject(within.Select(item => KeyValuePair.Create(item.Key, (JsonNode?)Pairs.Round(item.Value / runs / Epochs)))),
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        IReadOnlyList<Callback> Watching() =>
        [
            new ReportProgress(new Nobody()), new CsvLog(Path.Combine(folder, "run.csv")) { EverySteps = 50 }, new JsonLinesLog(Path.Combine(folder, "run.jsonl")) { EverySteps = 50 },
            new TensorBoardLog(Path.Combine(folder, "runs")) { HistogramsEveryEpochs = 1 }, new EarlyStopping { Patience = 100 }, new ReduceOnPlateau { Patience = 100 },
        ];

        double Watched()
        {
            var seconds = Seconds(options with { Callbacks = [.. Watching().Select(callback => new Timed(callback, within))] });
            (watched, runs) = (watched + seconds, runs + 1);
            return seconds;
        }

        // all of Fit but the reading of rows: what happens between epochs counts
        double Seconds(DeepTrainerOptions with)
        {
            DeepTransformer? trained = null;
            var seconds = Pairs.Seconds(() => trained = Mnist.Trained(Mnist.Pipeline(ml, with).Fit(train)));
            using (trained)
                return seconds - trained!.History.IngestTime.TotalSeconds;
        }
    }

    private sealed class Nobody : IProgress<RunProgress>
    {
        public void Report(RunProgress value) { }
    }

    /// <summary>Adds up how long a callback takes; that costs two looks at the clock for each call.</summary>
    private sealed class Timed(Callback inner, Dictionary<string, double> within) : Callback
    {
        public override void OnTrainBegin(TrainingState state) => Time(() => inner.OnTrainBegin(state));

        public override void OnEpochBegin(TrainingState state) => Time(() => inner.OnEpochBegin(state));

        public override void OnBatchEnd(TrainingState state) => Time(() => inner.OnBatchEnd(state));

        public override void OnEpochEnd(TrainingState state, EpochReport report) => Time(() => inner.OnEpochEnd(state, report));

        public override void OnTrainEnd(TrainingState state) => Time(() => inner.OnTrainEnd(state));

        private void Time(Action action)
        {
            var begun = Stopwatch.GetTimestamp();
            action();
            var name = inner.GetType().Name;
            within[name] = within.GetValueOrDefault(name) + Stopwatch.GetElapsedTime(begun).TotalSeconds;
        }
    }
}
