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
        var (state, source) = SmallRuns.Prepare(epochs: 1, rows: 5, batch: 2, learningRate: 0);
        TrainingLoop.Run(state, source, source, []);
        using var scope = NewDisposeScope();
        var whole = nn.functional.cross_entropy(state.Module.Call(source.Input), source.Target).ToDouble();
        var right = state.Module.Call(source.Input).argmax(1).eq(source.Target).sum().item<long>() / 5.0;
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
        var (state, source) = SmallRuns.Prepare(epochs: 5, rows: 4, batch: 2);
        TrainingLoop.Run(state, source, null, [], cancellation: new CancellationToken(canceled: true));
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
        var (state, source) = SmallRuns.Prepare(epochs: 1, rows: 6, batch: 2);
        source.Input[4] = float.NaN;
        var error = Assert.Throws<TrainingDivergedException>(() => TrainingLoop.Run(state, source, null, []));
        Assert.Equal((1, 3L, 0.1), (error.Epoch, error.Step, error.LearningRate));
        Assert.All(state.Module.parameters(), parameter => Assert.True(parameter.isfinite().all().item<bool>()));
    }

    [Fact]
    public void StepsOfARun_LeaveNoLiveTensor()
    {
        var (state, source) = SmallRuns.Prepare(epochs: 100, rows: 8, batch: 2);
        var counts = new List<long>();
        LiveTensors.Settle();
        TrainingLoop.Run(state, source, source, [new Counter(counts)]);
        Assert.Equal(counts[1], counts[^1]);
    }

    [Fact]
    public void CancelledHalfwayThroughAnEpoch_StopsAfterThatStep()
    {
        using var cancellation = new CancellationTokenSource();
        var (state, source) = SmallRuns.Prepare(epochs: 5, rows: 10, batch: 2);
        TrainingLoop.Run(state, source, source, [new CancelAt(cancellation, step: 8)], cancellation: cancellation.Token);
        Assert.Equal((8, 1, StopReason.Cancelled), (state.Step, state.History.Count, state.Stopping));
    }

    [Fact]
    public void CancelledDuringValidation_DoesNotReadOn_AndReportsNoEpochThatIsNotWhole()
    {
        using var cancellation = new CancellationTokenSource();
        var (state, source) = SmallRuns.Prepare(epochs: 5, rows: 10, batch: 2);
        var validation = new Watched(source, read => { if (read == 2) cancellation.Cancel(); });
        TrainingLoop.Run(state, source, validation, [], cancellation: cancellation.Token);
        Assert.Equal((2, 5, 0, StopReason.Cancelled), (validation.Reads, state.Step, state.History.Count, state.Stopping));
    }

    [Fact]
    public void LastLoss_IsNaNBeforeTheFirstStep_AndStaysAfterTheEpoch()
    {
        var losses = new List<double>();
        var state = Run(epochs: 1, rows: 4, batch: 2, callbacks: [new LossReader(losses)]);
        Assert.Equal(double.NaN, losses[0]);
        Assert.True(double.IsFinite(losses[1]));
        Assert.Equal(losses[1], state.LastLoss);
    }

    [Fact]
    public void ACallback_MayWaitForAThreadThatLoadsAModel() =>
        Assert.Equal(2, Run(epochs: 1, rows: 4, batch: 2, callbacks: [new WaitsForALoad()]).Step);

    [Fact]
    public void DropoutActsWhileTraining_AndNotInValidation()
    {
        var modes = new List<bool>();
        var (state, source) = SmallRuns.Prepare(epochs: 2, learningRate: 0, model: new Mlp { HiddenSizes = [32], Dropout = 0.5 });
        TrainingLoop.Run(state, source, new Watched(source, _ => modes.Add(state.Module.training)), []);
        Assert.All(modes, Assert.False);
        Assert.True(state.Module.training is false);                                                    // validation came last
        Assert.Equal(state.History[0].Validation!["loss"], state.History[1].Validation!["loss"]);       // no chance in it
        Assert.NotEqual(state.History[0].Train["loss"], state.History[1].Train["loss"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReportedLoss_IsTheWeightedMean_WhereRowsOrClassesHaveWeights(bool classWeights)
    {
        var (state, source) = SmallRuns.Prepare(epochs: 1, rows: 5, batch: 2, learningRate: 0, weighted: true, loss: new CrossEntropy { ClassWeights = classWeights ? [1, 3] : null });
        TrainingLoop.Run(state, source, source, []);
        using var scope = NewDisposeScope();
        var weight = classWeights ? source.Weight! * tensor([1f, 3])[source.Target] : source.Weight!;
        var perRow = nn.functional.cross_entropy(state.Module.Call(source.Input), source.Target, reduction: nn.Reduction.None);
        var whole = ((perRow * weight).sum() / weight.sum()).ToDouble();
        var hits = state.Module.Call(source.Input).argmax(1).eq(source.Target);
        var right = ((hits * source.Weight!).sum() / source.Weight!.sum()).ToDouble();
        foreach (var values in new[] { state.History[0].Train, state.History[0].Validation! })
        {
            Assert.Equal(whole, values["loss"], 1e-6);
            Assert.Equal(right, values["accuracy"], 1e-6);
        }
    }

    [Fact]
    public void TwoRunsOfOneSeed_AreEqualToTheBit()
    {
        Assert.Equal(Bits(), Bits());

        static byte[] Bits()
        {
            var (state, source) = SmallRuns.Prepare(epochs: 5, rows: 20, batch: 3, model: new Mlp { HiddenSizes = [16], Dropout = 0.3 });
            TrainingLoop.Run(state, source, source, []);
            return [.. state.Module.state_dict().Values.SelectMany(tensor => tensor.bytes.ToArray())];
        }
    }

    private static TrainingState Run(int epochs, int rows, int batch, bool validate = false, IReadOnlyList<Callback>? callbacks = null)
    {
        var (state, source) = SmallRuns.Prepare(epochs, rows, batch);
        TrainingLoop.Run(state, source, validate ? source : null, callbacks ?? []);
        return state;
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

    private sealed class CancelAt(CancellationTokenSource cancellation, long step) : Callback
    {
        public override void OnBatchEnd(TrainingState state)
        {
            if (state.Step == step)
                cancellation.Cancel();
        }
    }

    private sealed class LossReader(List<double> losses) : Callback
    {
        public override void OnTrainBegin(TrainingState state) => losses.Add(state.LastLoss);

        public override void OnTrainEnd(TrainingState state) => losses.Add(state.LastLoss);
    }

    private sealed class WaitsForALoad : Callback
    {
        public override void OnBatchEnd(TrainingState state)
        {
            var loader = new Thread(() => TorchGenerator.Untouched(() => 0)) { IsBackground = true };
            loader.Start();
            Assert.True(loader.Join(10_000), "the loader waits for the step that waits for it");
        }
    }

    private sealed class Watched(RowsInOrder source, Action<int> onRead) : IBatchSource
    {
        public int Reads { get; private set; }

        public long Rows => source.Rows;

        public int BatchSize => source.BatchSize;

        public IEnumerable<Batch> Read(int epoch, int skip = 0)
        {
            foreach (var batch in source.Read(epoch))
            {
                onRead(++Reads);
                yield return batch;
            }
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
