using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

[Collection(nameof(Alone))]
public sealed class TrainingLoopTests
{
    [Fact]
    public void Hooks_AreCalledInOrder()
    {
        var calls = new List<string>();
        Run(epochs: 2, rows: 5, batch: 2, validate: true, callbacks: [new Recorder(calls)]);
        Assert.Equal(
            ["train begin 0/0", "epoch begin 1", "batch 1", "batch 2", "batch 3", "epoch end 1 of 5 rows", "epoch begin 2", "batch 4", "batch 5", "batch 6", "epoch end 2 of 5 rows", "train end"],
            calls);
    }

    [Fact]
    public void ReportedLoss_IsTheMeanOverRows_NotOverBatches()
    {
        // a learning rate of 0: the weights stay, so the epoch's loss is that of the whole set
        var (state, source) = Prepare(epochs: 1, rows: 5, batch: 2, learningRate: 0);
        TrainingLoop.Run(state, source, source, []);
        using var scope = NewDisposeScope();
        var whole = nn.functional.cross_entropy(state.Module.call(source.Input), source.Target).ToDouble();
        var right = state.Module.call(source.Input).argmax(1).eq(source.Target).sum().item<long>() / 5.0;
        foreach (var values in new[] { state.History[0].Train, state.History[0].Validation! })
        {
            Assert.Equal(whole, values["loss"], 1e-6);
            Assert.Equal(right, values["accuracy"], 1e-9);
        }
    }

    [Fact]
    public void StopRequestedHalfway_EndsAtOnce_WithoutAReport()
    {
        var state = Run(epochs: 5, rows: 10, batch: 2, callbacks: [new StopAt(step: 7)]);
        Assert.Equal(7, state.Step);
        Assert.Single(state.History);
        Assert.Equal(StopReason.Requested, state.Stopping);
    }

    [Fact]
    public void CancelledBeforeTheFirstStep_ChangesNothing()
    {
        var (state, source) = Prepare(epochs: 5, rows: 4, batch: 2);
        TrainingLoop.Run(state, source, null, [], new CancellationToken(canceled: true));
        Assert.Equal(0, state.Step);
        Assert.Equal(StopReason.Cancelled, state.Stopping);
    }

    [Fact]
    public void LearningRateSetByACallback_IsThatOfTheNextStep()
    {
        var state = Run(epochs: 1, rows: 6, batch: 2, callbacks: [new Halve()]);
        Assert.Equal(0.1 / 8, state.Optimizer.LearningRate, 1e-12);
        Assert.Equal(0.1 / 8, state.History[0].LearningRate, 1e-12);
    }

    [Fact]
    public void LossThatIsNoNumber_StopsBeforeItReachesTheWeights()
    {
        var (state, source) = Prepare(epochs: 1, rows: 6, batch: 2);
        source.Input[4] = float.NaN;
        var error = Assert.Throws<TrainingDivergedException>(() => TrainingLoop.Run(state, source, null, []));
        Assert.Equal((1, 3L, 0.1), (error.Epoch, error.Step, error.LearningRate));
        Assert.All(state.Module.parameters(), parameter => Assert.True(parameter.isfinite().all().item<bool>()));
    }

    [Fact]
    public void StepsOfARun_LeaveNoLiveTensor()
    {
        var (state, source) = Prepare(epochs: 100, rows: 8, batch: 2);
        var counts = new List<long>();
        LiveTensors.Settle();
        TrainingLoop.Run(state, source, source, [new Counter(counts)]);
        Assert.Equal(counts[1], counts[^1]);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(70)]
    public void LossMeter_OnADevice_StillNamesTheRightStep(int badStep)
    {
        // the way of a GPU, on the CPU's memory
        using var meter = new LossMeter(CPU, onHost: false);
        var (state, _) = Prepare(epochs: 1, rows: 4, batch: 2);
        state.Epoch = 1;
        TrainingDivergedException? error = null;
        for (var step = 1; step <= 96 && error is null; step++)
        {
            state.Step = step;
            using var loss = tensor(step == badStep ? float.NaN : 1f);
            error = Record.Exception(() => meter.Add(state, new LossValue(loss, null), rows: 2)) as TrainingDivergedException;
        }
        Assert.Equal(badStep, error!.Step);
    }

    private static TrainingState Run(int epochs, int rows, int batch, bool validate = false, IReadOnlyList<Callback>? callbacks = null)
    {
        var (state, source) = Prepare(epochs, rows, batch);
        TrainingLoop.Run(state, source, validate ? source : null, callbacks ?? []);
        return state;
    }

    private static (TrainingState State, Rows Source) Prepare(int epochs, int rows, int batch, double learningRate = 0.1)
    {
        random.manual_seed(1);
        var module = new Mlp { HiddenSizes = [4] }.Build(new VectorShape(3), 2);
        var optimizer = new Sgd { LearningRate = learningRate }.Build(module.named_parameters());
        var state = new TrainingState(module, new CrossEntropy().Build(2, CPU), optimizer, [new Accuracy().Build(2, CPU)], CPU, epochs);
        return (state, new Rows(rand(rows, 3), arange(rows).remainder(2), batch));
    }

    private sealed class Rows(Tensor input, Tensor target, int batchSize) : IBatchSource
    {
        public Tensor Input => input;

        public Tensor Target => target;

        long IBatchSource.Rows => input.shape[0];

        public int BatchSize => batchSize;

        public IEnumerable<Batch> Read(int epoch)
        {
            for (var first = 0; first < input.shape[0]; first += batchSize)
            {
                var count = (int)Math.Min(batchSize, input.shape[0] - first);
                yield return new Batch(input.narrow(0, first, count), target.narrow(0, first, count), null, count);
            }
        }
    }

    private sealed class Recorder(List<string> calls) : Callback
    {
        public override void OnTrainBegin(TrainingState state) => calls.Add($"train begin {state.Epoch}/{state.Step}");

        public override void OnEpochBegin(TrainingState state) => calls.Add($"epoch begin {state.Epoch}");

        public override void OnBatchEnd(TrainingState state)
        {
            Assert.True(double.IsFinite(state.LastLoss));
            calls.Add($"batch {state.Step}");
        }

        public override void OnEpochEnd(TrainingState state, EpochReport report) => calls.Add($"epoch end {report.Epoch} of {report.Rows} rows");

        public override void OnTrainEnd(TrainingState state) => calls.Add("train end");
    }

    private sealed class StopAt(long step) : Callback
    {
        public override void OnBatchEnd(TrainingState state)
        {
            if (state.Step == step)
                state.RequestStop();
        }
    }

    private sealed class Halve : Callback
    {
        public override void OnBatchEnd(TrainingState state) => state.Optimizer.LearningRate /= 2;
    }

    private sealed class Counter(List<long> counts) : Callback
    {
        public override void OnEpochEnd(TrainingState state, EpochReport report) => counts.Add(Tensor.TotalCount);
    }
}
