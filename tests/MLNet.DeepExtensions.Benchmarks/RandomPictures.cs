using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>Pictures of noise, as rows for a pipeline and as tensors for a loop by hand.</summary>
internal sealed class RandomPictures
{
    public const int Side = 64, Classes = 10;

    private sealed class Picture
    {
        [VectorType(3, Side, Side)]
        public byte[] Features { get; set; } = [];

        [KeyType(Classes)]
        public uint Label { get; set; }
    }

    public RandomPictures(MLContext ml, int count)
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, count).Select(i =>
        {
            var picture = new Picture { Features = new byte[3 * Side * Side], Label = (uint)(i % Classes) };
            random.NextBytes(picture.Features);
            return picture;
        }).ToList();
        Data = ml.Data.LoadFromEnumerable(rows);
        Tensor = tensor(rows.SelectMany(row => row.Features).ToArray()).reshape(-1, 3, Side, Side).to(ScalarType.Float32).div(255);
        Labels = tensor(rows.Select(row => (long)row.Label).ToArray());
    }

    public IDataView Data { get; }

    /// <summary>[count, 3, Side, Side] from 0 to 1.</summary>
    public Tensor Tensor { get; }

    public Tensor Labels { get; }

    /// <summary>Two epochs of a loop as one writes it by hand; the seconds of the second: the first one warms libtorch's caches of kernels.</summary>
    public double PlainLoop(nn.Module<Tensor, Tensor> network, optim.Optimizer optimizer, int batchSize)
    {
        Epoch();
        return Pairs.Seconds(Epoch);

        void Epoch()
        {
            using var order = randperm(Tensor.shape[0]);
            for (var first = 0L; first < Tensor.shape[0]; first += batchSize)
            {
                using var scope = NewDisposeScope();
                var batch = order.narrow(0, first, batchSize);
                optimizer.zero_grad();
                var output = network.call(Tensor.index_select(0, batch));
                var target = Labels.index_select(0, batch);
                var loss = nn.functional.cross_entropy(output, target);
                loss.backward();
                optimizer.step();
                _ = loss.item<float>();
                _ = output.argmax(1).eq(target).sum().item<long>();
            }
        }
    }
}
