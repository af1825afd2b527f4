using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>An epoch of a linear forecaster over all windows of a series, which are views of it, against a loop that slices a tensor; and the memory that the windows take beside the series.</summary>
internal static class ForecastWindowBenchmark
{
    private const int Rows = 50_000, Channels = 16, Window = 336, Horizon = 96, BatchSize = 32, Epochs = 1;

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var series = Series();
        var data = ml.Data.LoadFromEnumerable(series.Select(row => new Row { Values = row }));
        var trainer = ml.Forecasting.Trainers.Deep(new NLinear(), new ForecastOptions { TargetColumns = ["Values"], Window = Window, Horizon = Horizon },
            new DeepTrainerOptions { Epochs = Epochs, BatchSize = BatchSize, Optimizer = new Adam { LearningRate = 1e-4 }, Metrics = [], ScaleTargets = false });
        // the first of ours loads libtorch, which the plain loop needs too
        trainer.Fit(ml.Data.TakeRows(data, 1000)).Dispose();
        using var values = tensor(series.SelectMany(row => row).ToArray()).reshape(Rows, Channels).DetachFromDisposeScope();
        var (windows, seriesBytes) = Memory(data);
        double ourLoss = 0, plainLoss = 0;

        Pairs.Run("forecast-window", pairs, Ours, Plain, extra: () => new JsonObject
        {
            ["threads"] = get_num_threads(),
            ["our_loss"] = Pairs.Round(ourLoss),
            ["plain_loss"] = Pairs.Round(plainLoss),
            ["series_megabytes"] = Pairs.Round(seriesBytes / 1e6),
            ["windows_megabytes"] = Pairs.Round(windows / 1e6),
            ["windows_over_series"] = Pairs.Round((double)windows / seriesBytes),
            ["copied_windows_megabytes"] = Pairs.Round((double)(Rows - Window - Horizon + 1) * (Window + Horizon) * Channels * sizeof(float) / 1e6),
        }, units: Epochs);

        // all of Fit but the reading of rows
        double Ours()
        {
            DeepForecastTransformer? trained = null;
            var seconds = Pairs.Seconds(() => trained = trainer.Fit(data));
            var history = trained!.History;
            trained.Dispose();
            ourLoss = history.Epochs[^1].Train["loss"];
            return seconds - history.IngestTime.TotalSeconds;
        }

        double Plain() => Pairs.Seconds(() =>
        {
            using var network = nn.Linear(Window, Horizon);
            plainLoss = Train(network, values);
        });
    }

    // what a developer would write: a window is two slices of the series, a batch is a stack of them
    private static double Train(Linear network, Tensor values)
    {
        using var optimizer = optim.Adam(network.parameters(), 1e-4);
        var loss = 0.0;
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            loss = 0;
            var order = Enumerable.Range(0, Rows - Window - Horizon + 1).ToArray();
            new Random(epoch).Shuffle(order);
            for (var first = 0; first < order.Length; first += BatchSize)
            {
                using var scope = NewDisposeScope();
                var batch = order.AsSpan(first, Math.Min(BatchSize, order.Length - first)).ToArray();
                var x = stack(batch.Select(start => values.narrow(0, start, Window))).transpose(1, 2);                   // [N, channels, window]
                var y = stack(batch.Select(start => values.narrow(0, start + Window, Horizon))).transpose(1, 2);         // [N, channels, horizon]
                optimizer.zero_grad();
                var last = x.narrow(2, Window - 1, 1);
                var mean = nn.functional.mse_loss(network.forward(x - last) + last, y);
                mean.backward();
                optimizer.step();
                loss += mean.item<float>() * batch.Length;
            }
            loss /= order.Length;
        }
        return loss;
    }

    // the managed bytes that all windows and one epoch's order take beside the series that they show
    private static (long Windows, long Series) Memory(IDataView data)
    {
        var columns = ForecastColumns.Find(data.Schema, new ForecastOptions { TargetColumns = ["Values"], Window = Window, Horizon = Horizon });
        var series = new SeriesReader(data, columns, null, () => { }).Read(MissingFeatures.Error, new SkippedRows(), keepPlaces: false);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var rows = new WindowRows(series, columns);
        using var source = new WindowBatchSource(RowSet.All(rows), BatchSize, shuffleSeed: 1, CPU);
        using (var epoch = source.Read(1).GetEnumerator())
        {
            using var scope = NewDisposeScope();
            epoch.MoveNext();
        }
        var windows = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(rows);
        return (windows, series.Bytes);
    }

    private static float[][] Series()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Rows).Select(i => Enumerable.Range(0, Channels).Select(c => (float)(Math.Sin(i * 2 * Math.PI / 24 + c) + 0.1 * random.NextDouble())).ToArray())];
    }

    private sealed class Row
    {
        [VectorType(Channels)]
        public float[] Values { get; set; } = [];
    }
}
