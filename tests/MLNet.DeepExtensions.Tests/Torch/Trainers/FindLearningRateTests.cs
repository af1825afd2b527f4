using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

[Collection(nameof(Alone))]
public sealed class FindLearningRateTests
{
    private readonly MLContext ml = new(seed: 1);

    private static DeepTrainerOptions Options => new() { Epochs = 2, BatchSize = 16, Optimizer = new Sgd { LearningRate = 0.1 } };

    [Fact]
    public void TheRate_RisesByOneFactor_AndEndsWhereTheLossDiverges()
    {
        var curve = Trainer(Options).FindLearningRate(Data(), 1e-5, 1e3, 100);
        Assert.True(curve.Diverged);
        Assert.InRange(curve.Points.Count, 40, 99);
        for (var i = 0; i < curve.Points.Count; i++)
            Assert.Equal(1e-5 * Math.Pow(1e8, i / 99.0), curve.Points[i].LearningRate, 1e-9 * curve.Points[i].LearningRate);
        var lowest = curve.Points.Min(point => point.SmoothedLoss);
        Assert.All(curve.Points.SkipLast(1), point => Assert.True(point.SmoothedLoss <= 4 * lowest));
    }

    [Fact]
    public void TheSuggestions_LearnWell()
    {
        var curve = Trainer(Options).FindLearningRate(Data(), 1e-5, 1e3, 100);
        Assert.InRange(curve.TenthOfMinimum!.Value, 1e-3, 10);
        Assert.InRange(curve.Steepest!.Value, 1e-3, 100);
        double LossWith(double rate)
        {
            using var model = Trainer(Options with { Epochs = 5, Optimizer = new Sgd { LearningRate = rate } }).Fit(Data());
            return model.History.Epochs[^1].Train["loss"];
        }
        Assert.True(LossWith(curve.TenthOfMinimum.Value) < LossWith(1e-4) / 2);
    }

    [Fact]
    public void TheSmoothing_IsARunningAverageOfTheStepsLosses()
    {
        var curve = Trainer(Options).FindLearningRate(Data(), 1e-5, 1e-2, 30);
        Assert.False(curve.Diverged);
        Assert.Equal(30, curve.Points.Count);
        Assert.Equal(1e-2, curve.Points[^1].LearningRate, 1e-9);
        var average = 0.0;
        foreach (var (point, i) in curve.Points.Select((point, i) => (point, i)))
        {
            average = 0.98 * average + 0.02 * point.Loss;
            Assert.Equal(average / (1 - Math.Pow(0.98, i + 1)), point.SmoothedLoss, 1e-9);
        }
    }

    [Fact]
    public void ALossBeyondAllNumbers_IsTheEndOfTheCurve()
    {
        var options = Options with { Loss = new MeanSquaredError(), ScaleTargets = false };
        var trainer = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [] }, options, labelColumnName: "Weight");
        var curve = trainer.FindLearningRate(Data(), 1e-3, 1e38, 60);
        Assert.True(curve.Diverged);
        Assert.NotEmpty(curve.Points);
        Assert.All(curve.Points, point => Assert.True(double.IsFinite(point.Loss)));
    }

    [Fact]
    public void NothingIsChanged()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"search-{Guid.NewGuid():N}");
        var reports = new List<EpochReport>();
        var options = Options with { Checkpoints = new CheckpointPolicy(folder), Progress = new Direct(reports), Callbacks = [new Fails()], Schedule = new OneCycle() };
        var plain = Options with { Schedule = new OneCycle() };
        using var expected = Trainer(plain).Fit(Data());

        random.manual_seed(42);
        var generator = random.get_rng_state().bytes.ToArray();
        Trainer(options).FindLearningRate(Data(), steps: 20);
        Assert.Equal(generator, random.get_rng_state().bytes.ToArray());
        Assert.False(Directory.Exists(folder));
        Assert.Empty(reports);

        var trainer = Trainer(plain);
        trainer.FindLearningRate(Data(), steps: 20);
        using var actual = trainer.Fit(Data());
        Assert.Equal(Bits(expected), Bits(actual));
    }

    [Fact]
    public void SearchingTwice_GivesTheSameCurve_AndLeavesNoTensorBehindAFit()
    {
        var trainer = Trainer(Options);
        var first = trainer.FindLearningRate(Data(), steps: 20);
        Assert.Equal(first.Points, trainer.FindLearningRate(Data(), steps: 20).Points);
        var fit = LiveTensors.LeftBy(() => trainer.Fit(Data()).Dispose());
        Assert.Equal(fit, LiveTensors.LeftBy(() => trainer.FindLearningRate(Data(), steps: 20)));
    }

    [Fact]
    public void Numbers_AreChecked()
    {
        var trainer = Trainer(Options);
        Assert.Contains("above 0", Assert.Throws<ArgumentOutOfRangeException>(() => trainer.FindLearningRate(Data(), from: 0)).Message);
        Assert.Contains("above the first, 0.1", Assert.Throws<ArgumentOutOfRangeException>(() => trainer.FindLearningRate(Data(), from: 0.1, to: 0.01)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => trainer.FindLearningRate(Data(), steps: 9));
    }

    [Fact]
    public void Suggestions_AreFastais_AndNothingWhereTheLossOnlyRose()
    {
        // falls fastest from 1e-5 to 1e-4, is lowest at 1e-2
        var curve = Curve([3, 3, 2.9, 2.0, 1.5, 1.4, 2, 4]);
        Assert.Equal(1e-5, curve.Steepest!.Value, 1e-12);
        Assert.Equal(1e-3, curve.TenthOfMinimum!.Value, 1e-12);
        Assert.Null(Curve([1, 2, 3, 4]).Steepest);
        Assert.Null(Curve([1, 2, 3, 4]).TenthOfMinimum);
        Assert.Null(Curve([1]).Steepest);
        Assert.Null(Curve([]).TenthOfMinimum);

        static LearningRateCurve Curve(double[] losses) => new() { Points = [.. losses.Select((loss, i) => new LearningRatePoint(1e-7 * Math.Pow(10, i), loss, loss))] };
    }

    [Fact]
    public void ALossBelowZero_IsNotTakenForDivergence()
    {
        var (state, _) = Training.SmallRuns.Prepare(epochs: 1);
        var sweep = new SweepLearningRate(1e-5, 1, 20);
        sweep.OnTrainBegin(state);
        foreach (var loss in new[] { -1.0, -1.1, -1.05, -0.9 })
        {
            state.SetLoss(loss);
            sweep.OnBatchEnd(state);
        }
        Assert.False(sweep.Diverged);
        state.SetLoss(1000);
        sweep.OnBatchEnd(state);
        Assert.True(sweep.Diverged);
    }

    private DeepTrainer Trainer(DeepTrainerOptions options) => ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [16] }, options);

    private IDataView Data()
    {
        var rows = Blobs.View(ml, 120);
        return ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
    }

    private static byte[] Bits(DeepTransformer model) => [.. model.Module.state_dict().Values.SelectMany(tensor => tensor.bytes.ToArray())];

    private sealed class Direct(List<EpochReport> reports) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => reports.Add(value);
    }

    private sealed class Fails : Callback
    {
        public override void OnTrainBegin(TrainingState state) => throw new InvalidOperationException("the search has callbacks of its own");
    }
}
