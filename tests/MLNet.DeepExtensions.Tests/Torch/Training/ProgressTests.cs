using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

[Collection(nameof(Alone))]
public sealed class ProgressTests
{
    [Fact]
    public void TimeThatIsLeft_CountsSteps_AndValidationOnceAnEpochHasShownIt()
    {
        // three steps of 1 s and 3 s of validation in each of four epochs
        var reports = Run(epochs: 4, rest: 3, interval: 0);
        Assert.Equal((2.0, 2.0 + 9), Left(reports[0]));
        Assert.Equal((0.0, 3.0 * 6), Left(reports[3]));
        Assert.Equal(1, reports[3].Report!.Epoch);
        Assert.Equal((2.0 + 3, 5.0 + 12), Left(reports[4]));
        Assert.Equal((0.0, 0.0), Left(reports[^1]));
        Assert.Equal(4.0 * 6, reports[^1].Elapsed.TotalSeconds);
        Assert.All(reports, report => Assert.Equal(2, report.RowsPerSecond, 6));
        Assert.Equal(1.0 / 12, reports[0].Share, 9);
        Assert.Equal(1, reports[^1].Share);
    }

    [Fact]
    public void Pace_FollowsARunThatGetsSlower()
    {
        var reports = Run(epochs: 100, rest: 0, interval: 0, secondsOf: step => step <= 150 ? 1 : 5);
        Assert.Equal(2, reports.First(report => report.Step == 150).RowsPerSecond, 6);
        Assert.InRange(reports[^1].RowsPerSecond, 2.0 / 5, 2.0 / 5 * 1.01);
    }

    [Fact]
    public void Reports_KeepTheirDistance_ButAnEpochsEndAlwaysHasOne()
    {
        var reports = Run(epochs: 2, rest: 0, interval: 2);
        Assert.Equal([(2L, false), (3, true), (5, false), (6, true)], reports.Select(report => (report.Step, report.Report is not null)));
        Assert.Equal(2, Run(epochs: 2, rest: 0, interval: 3600).Count);
    }

    [Fact]
    public void MaxSteps_AndMaxTime_EndTheEstimate()
    {
        var bySteps = Run(epochs: 10, rest: 0, interval: 0, prepare: state => new TrainingStateLimits(state, MaxSteps: 5));
        Assert.Equal((1.0, 3.0), Left(bySteps[1]));
        Assert.Equal((0.0, 0.0), Left(bySteps.Last(report => report.Step == 5)));
        var byTime = Run(epochs: 10, rest: 0, interval: 0, prepare: state => new TrainingStateLimits(state, MaxTime: TimeSpan.FromSeconds(2.5)));
        Assert.Equal((1.5, 1.5), Left(byTime[0]));
    }

    [Fact]
    public void RunThatWasStopped_HasNothingLeft()
    {
        var reports = Run(epochs: 10, rest: 0, interval: 0, others: new StopAfter(2));
        Assert.Equal(2, reports[^1].Epoch);
        Assert.Equal(TimeSpan.Zero, reports[^1].RunRemaining);
    }

    [Fact]
    public void SourceOfUnknownLength_HasNoEstimateInItsFirstEpoch()
    {
        var reports = Run(epochs: 2, rest: 0, interval: 0, isLengthKnown: false);
        Assert.Null(reports[0].RunRemaining);
        Assert.Equal(2, reports[1].RowsPerSecond, 6);
        Assert.Equal((0.0, 3.0), Left(reports[3]));
        Assert.Contains("step 1: loss", reports[0].ToString());
    }

    [Fact]
    public void ResumedRun_CountsItsOwnSteps_AndOnlyWhatIsLeft()
    {
        var ml = new MLContext(seed: 1);
        var folder = Directory.CreateTempSubdirectory("progress").FullName;
        try
        {
            // 60 rows in batches of 16: 4 steps in each of 5 epochs
            var first = Fit(MaxSteps: 6);
            Assert.Equal(6, first[^1].Step);
            var second = Fit(MaxSteps: null);
            Assert.Equal((2, 3, 7L), (second[0].Epoch, second[0].StepInEpoch, second[0].Step));
            Assert.True(second[0].RowsPerSecond > 0);
            Assert.Equal(7.0 / 20, second[0].Share, 9);
            Assert.Equal(20, second[^1].Step);
            Assert.Equal(TimeSpan.Zero, second[^1].RunRemaining);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        List<RunProgress> Fit(long? MaxSteps)
        {
            var reports = new Reports();
            using var model = Blobs.Pipeline(ml, Blobs.Options with
            {
                Epochs = 5, MaxSteps = MaxSteps, Checkpoints = new CheckpointPolicy(folder), Callbacks = [new ReportProgress(reports) { IntervalSeconds = 0 }],
            }).Fit(Blobs.View(ml, 60)).LastTransformer;
            return reports.All;
        }
    }

    [Theory]
    [InlineData(7, "0:07")]
    [InlineData(750, "12:30")]
    [InlineData(3600 * 3 + 310, "3:05:10")]
    [InlineData(3600 * 40, "40:00:00")]
    [InlineData(59.7, "1:00")]
    public void Time_IsWrittenAsOnAClock(double seconds, string text) => Assert.Equal(text, RunProgress.Clock(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Line_IsTheSameInEveryCulture()
    {
        using var _ = Cultures.WithCommas();
        Assert.Equal("Epoch 2/10, step 300/938: loss 0.2841, 41,200 rows/s, 0:02 left in the epoch, 0:14 in the run", new RunProgress
        {
            Epoch = 2, Epochs = 10, StepInEpoch = 300, StepsPerEpoch = 938, Step = 1238, Loss = 0.28412, RowsPerSecond = 41_200, Elapsed = TimeSpan.Zero,
            EpochRemaining = TimeSpan.FromSeconds(2), RunRemaining = TimeSpan.FromSeconds(14),
        }.ToString());
    }

    private static (double, double) Left(RunProgress progress) => (Math.Round(progress.EpochRemaining!.Value.TotalSeconds, 6), Math.Round(progress.RunRemaining!.Value.TotalSeconds, 6));

    private sealed record TrainingStateLimits(TrainingState Of, long? MaxSteps = null, TimeSpan? MaxTime = null);

    private static List<RunProgress> Run(
        int epochs, double rest, double interval, Func<long, double>? secondsOf = null, Func<TrainingState, TrainingStateLimits>? prepare = null, Callback? others = null, bool isLengthKnown = true)
    {
        var (plain, source) = SmallRuns.Prepare(epochs, rows: 6, batch: 2);
        var limits = prepare?.Invoke(plain);
        var state = new TrainingState(plain.Module, plain.Loss, plain.Optimizer, plain.Metrics, plain.Device, epochs) { MaxSteps = limits?.MaxSteps, MaxTime = limits?.MaxTime };
        var clock = new ManualClock();
        var reports = new Reports();
        var report = new ReportProgress(reports, clock) { IntervalSeconds = interval };
        Callback[] callbacks = [new Tick(clock, secondsOf ?? (_ => 1), rest), .. others is null ? (Callback[])[] : [others], new Limits(limits?.MaxSteps, null), report];
        TrainingLoop.Run(state, isLengthKnown ? source : new UnknownLength(source), validation: rest > 0 ? source : null, callbacks);
        return reports.All;
    }

    private sealed class Reports : IProgress<RunProgress>
    {
        public List<RunProgress> All { get; } = [];

        public void Report(RunProgress value) => All.Add(value);
    }

    private sealed class Tick(ManualClock clock, Func<long, double> secondsOf, double rest) : Callback
    {
        public override void OnBatchEnd(TrainingState state) => clock.Advance(secondsOf(state.Step));

        public override void OnValidationBegin(TrainingState state) => clock.Advance(rest);
    }

    private sealed class StopAfter(int epoch) : Callback
    {
        public override void OnEpochEnd(TrainingState state, EpochReport report)
        {
            if (report.Epoch == epoch)
                state.RequestStop();
        }
    }

    private sealed class UnknownLength(RowsInOrder rows) : IBatchSource
    {
        private bool wasRead;

        public long Rows => wasRead ? rows.Rows : 0;

        public int BatchSize => rows.BatchSize;

        public IEnumerable<Batch> Read(int epoch, int skip = 0)
        {
            foreach (var batch in rows.Read(epoch, skip))
                yield return batch;
            wasRead = true;
        }
    }
}

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(double seconds) => ticks += (long)(seconds * TimeSpan.TicksPerSecond);

    public override long GetTimestamp() => ticks;
}
