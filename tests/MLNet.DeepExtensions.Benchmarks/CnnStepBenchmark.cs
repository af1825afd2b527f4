using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>Training steps of ResNet-18 on pictures of 64 × 64: ours against a loop by hand in float32, then half precision against ours in float32.</summary>
internal static class CnnStepBenchmark
{
    private const int Side = 64, Steps = 4, BatchSize = 32;

    private sealed class Picture
    {
        [VectorType(3, Side, Side)]
        public byte[] Features { get; set; } = [];

        [KeyType(10)]
        public uint Label { get; set; }
    }

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        var rows = Enumerable.Range(0, Steps * BatchSize).Select(i =>
        {
            var picture = new Picture { Features = new byte[3 * Side * Side], Label = (uint)(i % 10) + 1 };
            random.NextBytes(picture.Features);
            return picture;
        }).ToList();
        var data = ml.Data.LoadFromEnumerable(rows);
        var options = new DeepTrainerOptions { Epochs = 2, BatchSize = BatchSize, Optimizer = new Sgd { LearningRate = 0.01, Momentum = 0.9 } };
        Ours(options);
        var pictures = tensor(rows.SelectMany(row => row.Features).ToArray()).reshape(-1, 3, Side, Side).to(ScalarType.Float32).div(255);
        var labels = tensor(rows.Select(row => (long)row.Label - 1).ToArray());

        Pairs.Run("cnn-step", pairs, () => Ours(options), Plain, units: Steps);
        Pairs.Run("cnn-step-channels-last", pairs, () => Ours(options with { ChannelsLast = true }), () => Ours(options), units: Steps);
        Pairs.Run("cnn-step-bf16", pairs, () => Ours(options with { Precision = Precision.BFloat16Mixed, ChannelsLast = true }), () => Ours(options), units: Steps);

        // the second epoch: the first one warms libtorch's caches of kernels
        double Ours(DeepTrainerOptions with)
        {
            using var model = ml.MulticlassClassification.Trainers.Deep(new ResNet(), with).Fit(data);
            return model.History.Epochs[^1].Duration.TotalSeconds;
        }

        double Plain()
        {
            using var network = new ResNet().Build(new ImageShape(Side, Side, 3), 10);
            using var optimizer = optim.SGD(network.parameters(), 0.01, momentum: 0.9);
            Epoch();
            return Pairs.Seconds(Epoch);

            void Epoch()
            {
                using var order = randperm(pictures.shape[0]);
                for (var first = 0L; first < pictures.shape[0]; first += BatchSize)
                {
                    using var scope = NewDisposeScope();
                    var batch = order.narrow(0, first, BatchSize);
                    optimizer.zero_grad();
                    var output = network.call(pictures.index_select(0, batch));
                    var target = labels.index_select(0, batch);
                    var loss = nn.functional.cross_entropy(output, target);
                    loss.backward();
                    optimizer.step();
                    _ = loss.item<float>();
                    _ = output.argmax(1).eq(target).sum().item<long>();
                }
            }
        }
    }
}
