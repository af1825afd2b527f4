using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>
/// Training steps of a Transformer that reads: 2 layers, 256 wide, 32 rows a step whose lengths are like those of Chinese reviews. Ours against a loop by hand with the same network and optimizer,
/// which pads each batch to its longest row as ours does; ours, with rows of like length in one batch, against a loop by hand that pads all rows to the longest of all; and ours in bfloat16 against ours in float32.
/// </summary>
internal static class EncoderBenchmark
{
    private const int Rows = 192, BatchSize = 32, Tokens = 5000, Shortest = 40, Longest = 400;

    private static readonly TransformerEncoder network = new() { Layers = 2, Heads = 4, HiddenSize = 256, FeedForwardSize = 1024, Pooling = Pooling.First };
    private static readonly DeepTrainerOptions options = new() { Epochs = 2, BatchSize = BatchSize, Optimizer = new Sgd { LearningRate = 0.001 }, Metrics = [] };

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var rows = Texts();
        var data = ml.Data.LoadFromEnumerable(rows);
        var tokens = rows.Sum(row => (long)row.Features.Length);
        Ours(ml, data, options);                            // loads libtorch
        Pairs.Run("bert-step", pairs, () => Ours(ml, data, options with { BucketByLength = false }), () => Plain(rows, toLongest: true), () => new JsonObject { ["tokens_in_epoch"] = tokens });
        Pairs.Run("bert-bf16", pairs, () => Ours(ml, data, options with { Precision = Precision.BFloat16Mixed }), () => Ours(ml, data, options), () => new JsonObject { ["tokens_in_epoch"] = tokens }, asSpeed: true);
        Pairs.Run("bert-bucketing", pairs, () => Ours(ml, data, options), () => Plain(rows, toLongest: false), () => new JsonObject { ["tokens_in_epoch"] = tokens }, asSpeed: true);
    }

    // the second epoch: the first one warms libtorch's caches of kernels
    private static double Ours(MLContext ml, IDataView data, DeepTrainerOptions with)
    {
        using var model = ml.BinaryClassification.Trainers.Deep(network, with, inputShape: new IdsShape(Tokens)).Fit(data);
        return model.History.Epochs[^1].Duration.TotalSeconds;
    }

    /// <summary>What one writes by hand: rows padded with zeros, their lengths beside them, the network, a loss, a step.</summary>
    private static double Plain(List<Row> rows, bool toLongest)
    {
        using var module = (Module<ModelInput, Tensor>)network.Build(new IdsShape(Tokens), 1);
        using var optimizer = optim.SGD(module.parameters(), 0.001);
        var dice = new Random(1);
        module.train();
        Epoch();
        return Pairs.Seconds(Epoch);

        void Epoch()
        {
            var order = Enumerable.Range(0, rows.Count).ToArray();
            dice.Shuffle(order);
            foreach (var batch in order.Chunk(BatchSize))
            {
                using var scope = NewDisposeScope();
                var steps = toLongest ? batch.Max(row => rows[row].Features.Length) : Longest;
                var ids = new int[batch.Length * steps];
                for (var i = 0; i < batch.Length; i++)
                    rows[batch[i]].Features.CopyTo(ids, i * steps);
                var input = new InputTensor("Features", tensor(ids).reshape(batch.Length, steps), tensor(batch.Select(row => (long)rows[row].Features.Length).ToArray()));
                var target = tensor(batch.Select(row => rows[row].Label ? 1f : 0f).ToArray()).unsqueeze(1);
                optimizer.zero_grad();
                var loss = functional.binary_cross_entropy_with_logits(module.call(new ModelInput([input])), target);
                loss.backward();
                optimizer.step();
                _ = loss.item<float>();
            }
        }
    }

    private static List<Row> Texts()
    {
        var dice = new Random(1);
        return [.. Enumerable.Range(0, Rows).Select(i => new Row { Label = i % 2 == 0, Features = [.. Enumerable.Range(0, Length(dice)).Select(_ => dice.Next(1, Tokens))] })];
    }

    // most reviews have some hundred characters, some far more
    private static int Length(Random dice) => (int)Math.Clamp(95 * Math.Exp(0.6 * Math.Sqrt(-2 * Math.Log(1 - dice.NextDouble())) * Math.Cos(2 * Math.PI * dice.NextDouble())), Shortest, Longest);

    private sealed class Row
    {
        public int[] Features { get; set; } = [];

        public bool Label { get; set; }
    }
}
