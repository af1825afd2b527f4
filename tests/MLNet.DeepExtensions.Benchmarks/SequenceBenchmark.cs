using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>Epochs of an LSTM: ours against a loop by hand, and rows of like length in one batch against any.</summary>
internal static class SequenceBenchmark
{
    private const int Width = 40, Hidden = 64, Classes = 10, BatchSize = 32;

    private static readonly DeepTrainerOptions options = new() { Epochs = 2, BatchSize = BatchSize, Optimizer = new Sgd { LearningRate = 0.01 } };

    public static void RunEpoch(int pairs)
    {
        const int steps = 60;
        var ml = new MLContext(seed: 1);
        var rows = Rows(1024, _ => steps);
        var data = ml.Data.LoadFromEnumerable(rows);
        var x = tensor(rows.SelectMany(row => row.Features).ToArray()).reshape(-1, steps, Width);
        var y = tensor(rows.Select(row => (long)row.Label - 1).ToArray());
        Ours(ml, data, options);                            // loads libtorch
        Pairs.Run("lstm-epoch", pairs, () => Ours(ml, data, options), () => Plain(x, y));
    }

    public static void RunBucketing(int pairs)
    {
        // as recordings of spoken digits differ: most of 35 to 65 steps, some far longer
        var ml = new MLContext(seed: 1);
        var dice = new Random(2);
        var data = ml.Data.LoadFromEnumerable(Rows(2048, _ => (int)Math.Clamp(47 * Math.Exp(0.4 * Normal(dice)), 20, 120)));
        Pairs.Run("bucketing", pairs, () => Ours(ml, data, options), () => Ours(ml, data, options with { BucketByLength = false }), asSpeed: true);
    }

    // the second epoch: the first one warms libtorch's caches of kernels
    private static double Ours(MLContext ml, IDataView data, DeepTrainerOptions with)
    {
        using var model = ml.MulticlassClassification.Trainers.Deep(new Lstm { HiddenSize = Hidden }, with, inputShape: new SequenceShape(Width)).Fit(data);
        return model.History.Epochs[^1].Duration.TotalSeconds;
    }

    /// <summary>What one writes by hand: padded rows in one tensor, nn.LSTM, the last step, a linear layer.</summary>
    private static double Plain(Tensor x, Tensor y)
    {
        using var lstm = nn.LSTM(Width, Hidden, batchFirst: true);
        using var fc = nn.Linear(Hidden, Classes);
        using var optimizer = optim.SGD(lstm.parameters().Concat(fc.parameters()), 0.01);
        Epoch();
        return Pairs.Seconds(Epoch);

        void Epoch()
        {
            using var order = randperm(x.shape[0]);
            for (var first = 0L; first < x.shape[0]; first += BatchSize)
            {
                using var scope = NewDisposeScope();
                var batch = order.narrow(0, first, Math.Min(BatchSize, x.shape[0] - first));
                optimizer.zero_grad();
                var output = fc.call(lstm.call(x.index_select(0, batch)).Item1.select(1, -1));
                var target = y.index_select(0, batch);
                var loss = nn.functional.cross_entropy(output, target);
                loss.backward();
                optimizer.step();
                _ = loss.item<float>();
                _ = output.argmax(1).eq(target).sum().item<long>();
            }
        }
    }

    private static List<Row> Rows(int count, Func<int, int> steps)
    {
        var dice = new Random(1);
        return [.. Enumerable.Range(0, count).Select(i => new Row { Label = (uint)(i % Classes + 1), Features = [.. Enumerable.Range(0, steps(i) * Width).Select(_ => dice.NextSingle())] })];
    }

    private static double Normal(Random dice) => Math.Sqrt(-2 * Math.Log(1 - dice.NextDouble())) * Math.Cos(2 * Math.PI * dice.NextDouble());

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        [KeyType(Classes)]
        public uint Label { get; set; }
    }
}
