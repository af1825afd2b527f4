using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

/// <summary>Runs that take milliseconds: rows of three random numbers, two classes in turn.</summary>
internal static class SmallRuns
{
    public static (TrainingState State, RowsInOrder Source) Prepare(
        int epochs, int rows = 4, int batch = 2, double learningRate = 0.1, ModelConfig? model = null, LossConfig? loss = null, Metric[]? metrics = null, bool weighted = false,
        int batchesPerStep = 1)
    {
        random.manual_seed(1);
        var module = (model ?? new Mlp { HiddenSizes = [4] }).Build(new VectorShape(3), 2);
        var optimizer = new Sgd { LearningRate = learningRate }.Build(module.named_parameters());
        var state = new TrainingState(module, (loss ?? new CrossEntropy()).Build(2, CPU), optimizer, [.. metrics ?? [], new Accuracy().Build(2, CPU)], CPU, epochs) { BatchesPerStep = batchesPerStep };
        return (state, new RowsInOrder(rand(rows, 3), arange(rows).remainder(2), weighted ? rand(rows) : null, batch));
    }

    public static EpochReport Report(int epoch, params (string Metric, double Value)[] validation) => new()
    {
        Epoch = epoch, Epochs = 100, Step = epoch, LearningRate = 0.1, Rows = 4, Duration = TimeSpan.FromSeconds(1),
        Train = new Dictionary<string, double>(), Validation = validation.ToDictionary(entry => entry.Metric, entry => entry.Value),
    };
}

internal sealed class RowsInOrder(Tensor input, Tensor target, Tensor? weight, int batchSize) : IBatchSource
{
    public Tensor Input => input;

    public Tensor Target => target;

    public Tensor? Weight => weight;

    public long Rows => input.shape[0];

    public int BatchSize => batchSize;

    public IEnumerable<Batch> Read(int epoch, int skip = 0)
    {
        for (var first = skip * batchSize; first < input.shape[0]; first += batchSize)
        {
            var count = (int)Math.Min(batchSize, input.shape[0] - first);
            yield return new Batch(input.narrow(0, first, count), target.narrow(0, first, count), weight?.narrow(0, first, count), count);
        }
    }
}
