using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

[Collection(nameof(Alone))]
public sealed class EarlyStoppingTests
{
    [Theory]
    [InlineData("3 2 1 1 1 1 1", 2, 5)]             // two epochs no better than the best: the second ends it
    [InlineData("3 2 4 1 4 4", 2, 6)]               // an improvement starts the count again
    [InlineData("3 NaN NaN", 2, 3)]                 // a loss that is no number is no improvement
    [InlineData("NaN 3 2 1", 1, 0)]
    [InlineData("1 2 3 4", 5, 0)]                   // patience outlasts the run
    public void ItStops_AfterThatManyEpochsWithoutImprovement(string losses, int patience, int stopsAt) =>
        Assert.Equal(stopsAt, StopsAt(new EarlyStopping { Patience = patience }, losses, "loss"));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.2, 2)]
    public void MinDelta_IsWhatCountsAsImprovement(double minDelta, int stopsAt) =>
        Assert.Equal(stopsAt, StopsAt(new EarlyStopping { Patience = 1, MinDelta = minDelta }, "1 0.9 0.8", "loss"));

    [Fact]
    public void Accuracy_IsBetterWhenHigher() =>
        Assert.Equal(4, StopsAt(new EarlyStopping { Patience = 1, Monitor = "accuracy" }, "0.5 0.6 0.7 0.6", "accuracy"));

    [Fact]
    public void AMetric_SaysItselfWhatIsBetter()
    {
        Assert.Equal(2, StopsAt(new EarlyStopping { Patience = 1, Monitor = "error" }, "1 2", "error", new Error()));
        Assert.Equal(2, StopsAt(new EarlyStopping { Patience = 1, Monitor = "error", HigherIsBetter = true }, "2 1", "error", new Error()));
    }

    [Fact]
    public void OneObject_ServesASecondRun()
    {
        var stopping = new EarlyStopping { Patience = 2 };
        Assert.Equal(3, StopsAt(stopping, "1 2 2", "loss"));
        Assert.Equal(4, StopsAt(stopping, "9 8 9 9", "loss"));
    }

    [Fact]
    public void MetricThatNobodyMeasures_IsRefusedBeforeTheFirstEpoch()
    {
        var message = Assert.Throws<InvalidOperationException>(() => StopsAt(new EarlyStopping { Monitor = "f1" }, "1", "loss")).Message;
        Assert.Contains("watches 'f1'", message);
        Assert.Contains("loss, accuracy", message);
    }

    [Fact]
    public void WithoutValidation_SaysHowToGetOne()
    {
        var (state, _) = SmallRuns.Prepare(epochs: 1);
        Assert.Contains("ValidationFraction", Assert.Throws<InvalidOperationException>(() => new EarlyStopping().OnTrainBegin(state)).Message);
    }

    private static int StopsAt(EarlyStopping stopping, string values, string metric, params Metric[] metrics)
    {
        var (state, _) = SmallRuns.Prepare(epochs: 100, metrics: metrics);
        state.HasValidation = true;
        stopping.OnTrainBegin(state);
        var epoch = 0;
        foreach (var value in values.Split(' ').Select(text => double.Parse(text)))
        {
            stopping.OnEpochEnd(state, SmallRuns.Report(++epoch, (metric, value)));
            if (state.Stopping is not null)
                return epoch;
        }
        return 0;
    }

    private sealed class Error : Metric
    {
        public override string Name => "error";

        public override bool HigherIsBetter => false;

        public override double Value => 0;

        public override void Update(Tensor output, Tensor target, Tensor? weight) { }

        public override void Reset() { }
    }
}
