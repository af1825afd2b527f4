using Microsoft.ML;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>Whole runs on MNIST with everything that watches a run on, against the same runs with nothing: 784-128-10, whose steps are so short that each callback shows.</summary>
internal static class CallbackOverheadBenchmark
{
    private const int Epochs = 4;

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var train = Mnist.View(ml, "train");
        var folder = Directory.CreateTempSubdirectory("callbacks").FullName;
        var options = new DeepTrainerOptions { Epochs = Epochs, BatchSize = 64, Optimizer = new Sgd { LearningRate = 0.01 }, ValidationFraction = 0.1 };
        try
        {
            Pairs.Run("callback-overhead", pairs, () => Seconds(options with { Callbacks = Watching() }), () => Seconds(options), units: Epochs);
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
}
