using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>What a developer would write with TorchSharp alone: cached tensors, shuffled by index, loss and accuracy summed up.</summary>
internal static class PlainTraining
{
    public static Sequential Network() => nn.Sequential(("fc1", nn.Linear(784, 128)), ("act1", nn.ReLU()), ("fc2", nn.Linear(128, 10)));

    public static (double Loss, double Accuracy) Run(Sequential network, Tensor pictures, Tensor digits, int epochs, int batchSize = 64)
    {
        var rows = pictures.shape[0];
        using var optimizer = optim.SGD(network.parameters(), 0.01);
        double loss = 0;
        long right = 0;
        network.train();
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            (loss, right) = (0, 0);
            using var order = randperm(rows);
            for (var first = 0L; first < rows; first += batchSize)
            {
                using var scope = NewDisposeScope();
                var batch = order.narrow(0, first, Math.Min(batchSize, rows - first));
                var x = pictures.index_select(0, batch);
                var y = digits.index_select(0, batch);
                optimizer.zero_grad();
                var output = network.forward(x);
                var mean = nn.functional.cross_entropy(output, y);
                mean.backward();
                optimizer.step();
                loss += mean.item<float>() * batch.shape[0];
                right += output.argmax(1).eq(y).sum().item<long>();
            }
        }
        return (loss / rows, (double)right / rows);
    }
}
