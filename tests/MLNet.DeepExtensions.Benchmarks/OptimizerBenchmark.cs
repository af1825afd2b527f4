using System.Text.Json.Nodes;
using Microsoft.ML;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>A step of an optimizer over ResNet-18's 11.7 million parameters, and a whole training step with AdamW, each against TorchSharp's own.</summary>
internal static class OptimizerBenchmark
{
    private static readonly (string Name, OptimizerConfig Ours, Func<IEnumerable<Parameter>, optim.Optimizer> Theirs)[] optimizers =
    [
        ("adamw", new AdamW(), parameters => optim.AdamW(parameters)),
        ("adam", new Adam(), parameters => optim.Adam(parameters)),
        ("sgd-momentum", new Sgd { LearningRate = 0.01, Momentum = 0.9 }, parameters => optim.SGD(parameters, 0.01, momentum: 0.9)),
        ("adagrad", new Adagrad(), parameters => optim.Adagrad(parameters)),
    ];

    public static void Run(int pairs)
    {
        foreach (var (name, config, theirs) in optimizers)
        {
            using var scope = NewDisposeScope();
            using var a = new Side();
            using var b = new Side();
            using var ours = config.Build(a.Network.named_parameters());
            using var plain = theirs(b.Network.parameters());
            Pairs.Run($"optimizers-{name}", pairs, () => Pairs.Seconds(ours.Step), () => Pairs.Seconds(() => plain.step()?.Dispose()), () => new JsonObject
            {
                ["parameters"] = a.Count, ["threads"] = get_num_threads(),
            });
        }
    }

    public static void RunTraining(int pairs)
    {
        const int Steps = 4, BatchSize = 32;
        var ml = new MLContext(seed: 1);
        var pictures = new RandomPictures(ml, Steps * BatchSize);
        Ours();
        Pairs.Run("resnet18-adamw", pairs, Ours, Plain, () => new JsonObject { ["threads"] = get_num_threads() }, units: Steps);

        // the second epoch, of both: the first one warms libtorch's caches of kernels
        double Ours()
        {
            using var model = ml.MulticlassClassification.Trainers.Deep(new ResNet(), new DeepTrainerOptions { Epochs = 2, BatchSize = BatchSize, Optimizer = new AdamW() }).Fit(pictures.Data);
            return model.History.Epochs[^1].Duration.TotalSeconds;
        }

        double Plain()
        {
            using var network = new ResNet().Build(new ImageShape(RandomPictures.Side, RandomPictures.Side, 3), RandomPictures.Classes);
            using var optimizer = optim.AdamW(network.parameters());
            return pictures.PlainLoop(network, optimizer, BatchSize);
        }
    }

    // a network of 1,000 classes, as it was published, with gradients that stay
    private sealed class Side : IDisposable
    {
        public Side()
        {
            Network = new ResNet().Build(new ImageShape(64, 64, 3), 1000);
            using var _ = no_grad();
            foreach (var parameter in Network.parameters())
                parameter.grad = randn_like(parameter).mul_(0.01);
        }

        public nn.Module<Tensor, Tensor> Network { get; }

        public long Count => Network.parameters().Sum(parameter => parameter.numel());

        public void Dispose() => Network.Dispose();
    }
}
