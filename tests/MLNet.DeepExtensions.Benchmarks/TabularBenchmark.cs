using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>An epoch over a table of ten numbers and five keys, against a loop by hand with the same network over tensors that are there already.</summary>
internal static class TabularBenchmark
{
    private const int Rows = 40_000, Epochs = 2, BatchSize = 256, Categories = 20;

    private static readonly string[] keys = ["A", "B", "C", "D", "E"];

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var rows = RandomRows();
        var data = ml.Data.LoadFromEnumerable(rows);
        var options = new DeepTrainerOptions { Epochs = Epochs, BatchSize = BatchSize, Seed = 1, Optimizer = new Sgd { LearningRate = 0.01 } };
        var trainer = ml.BinaryClassification.Trainers.Deep(new TabularNet { Width = 128, EmbeddingWidth = 8 }, AllColumns.Usable, options);
        // the first of ours loads libtorch, and learns of the rows what the plain loop's network must know, too
        using var first = trainer.Fit(data);
        using var numbers = tensor(rows.SelectMany(row => row.Numbers).ToArray(), [Rows, 10]);
        var columns = keys.Select((_, i) => tensor(rows.Select(row => (int)row.Key(i)).ToArray(), [Rows, 1])).ToList();
        using var answers = tensor(rows.Select(row => row.Label ? 1f : 0f).ToArray(), [Rows, 1]);
        var ingest = new List<double>();
        double ourLoss = 0, plainLoss = 0;
        Pairs.Run("tabular-epoch", pairs, Ours, Plain, extra: () => new JsonObject
        {
            ["ingest_seconds"] = Pairs.Round(Pairs.Quantile(ingest, 0.5)), ["threads"] = get_num_threads(), ["our_loss"] = Pairs.Round(ourLoss), ["plain_loss"] = Pairs.Round(plainLoss),
        }, units: Epochs);

        // all of Fit but the reading of rows; that scales and bins are learnt of them is part of it
        double Ours()
        {
            DeepTransformer? trained = null;
            var seconds = Pairs.Seconds(() => trained = trainer.Fit(data));
            var history = trained!.History;
            trained.Dispose();
            ingest.Add(history.IngestTime.TotalSeconds);
            ourLoss = history.Epochs[^1].Train["loss"];
            return seconds - history.IngestTime.TotalSeconds;
        }

        double Plain() => Pairs.Seconds(() =>
        {
            using var network = (nn.Module<ModelInput, Tensor>)first.Model.Config.Build(first.Model.InputShape, 1);
            using var optimizer = optim.SGD(network.parameters(), 0.01);
            network.train();
            for (var epoch = 0; epoch < Epochs; epoch++)
            {
                double loss = 0;
                long right = 0;
                using var order = randperm(Rows);
                for (var start = 0L; start < Rows; start += BatchSize)
                {
                    using var scope = NewDisposeScope();
                    var batch = order.narrow(0, start, Math.Min(BatchSize, Rows - start));
                    var input = new ModelInput([new InputTensor("Numbers", numbers.index_select(0, batch)), .. columns.Select((column, i) => new InputTensor(keys[i], column.index_select(0, batch)))]);
                    var target = answers.index_select(0, batch);
                    optimizer.zero_grad();
                    var output = network.call(input);
                    var mean = nn.functional.binary_cross_entropy_with_logits(output, target);
                    mean.backward();
                    optimizer.step();
                    loss += mean.item<float>() * batch.shape[0];
                    right += output.gt(0).eq(target).sum().item<long>();
                }
                plainLoss = loss / Rows;
            }
        });
    }

    private static List<Row> RandomRows()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Rows).Select(_ =>
        {
            float[] numbers = [.. Enumerable.Range(0, 10).Select(_ => random.NextSingle())];
            uint Key() => 1 + (uint)random.Next(Categories);
            var (a, b, c, d, e) = (Key(), Key(), Key(), Key(), Key());
            return new Row { Numbers = numbers, A = a, B = b, C = c, D = d, E = e, Label = numbers[0] + numbers[1] * a / Categories > 0.7f };
        })];
    }

    private sealed class Row
    {
        [VectorType(10)]
        public float[] Numbers { get; set; } = [];

        [KeyType(Categories)]
        public uint A { get; set; }

        [KeyType(Categories)]
        public uint B { get; set; }

        [KeyType(Categories)]
        public uint C { get; set; }

        [KeyType(Categories)]
        public uint D { get; set; }

        [KeyType(Categories)]
        public uint E { get; set; }

        public bool Label { get; set; }

        public uint Key(int number) => number switch { 0 => A, 1 => B, 2 => C, 3 => D, _ => E };
    }
}
