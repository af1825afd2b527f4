using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNet.DeepExtensions.Tests.Torch.Search.Candidates;

namespace MLNet.DeepExtensions.Tests.Torch.Search;

public sealed class SuccessiveHalvingTests : IDisposable
{
    private readonly MLContext ml = new();
    private readonly string folder = Directory.CreateTempSubdirectory("halving").FullName;

    private SuccessiveHalving Small => new() { Candidates = 4, MinEpochs = 1, MaxEpochs = 4, Reduction = 2, ScratchFolder = folder };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(27, 1, 27, 3, "27×1 9×3 3×9 1×27")]
    [InlineData(16, 1, 9, 3, "16×1 5×3 1×9")]
    [InlineData(100, 1, 10, 3, "100×1 33×3 11×10")]
    [InlineData(8, 2, 8, 2, "8×2 4×4 2×8")]
    [InlineData(4, 1, 100, 4, "4×1 1×100")]
    [InlineData(1, 1, 9, 3, "1×9")]
    [InlineData(5, 9, 9, 3, "5×9")]
    public void Steps_FallInCandidatesAndRiseInEpochs(int candidates, int minEpochs, int maxEpochs, int reduction, string expected) =>
        Assert.Equal(expected, string.Join(' ', new SuccessiveHalving { Candidates = candidates, MinEpochs = minEpochs, MaxEpochs = maxEpochs, Reduction = reduction }
            .Rungs().Select(rung => $"{rung.Candidates}×{rung.Epochs}")));

    [Fact]
    public void TheBestOfEachStep_AreTrainedLonger()
    {
        using var result = Small.Run(Draw, Pipeline(ml), Train(ml), Validation(ml));
        Assert.Equal([1, 1, 1, 1, 2, 2, 4], result.Trials.Select(trial => trial.Epochs!.Value));
        for (var step = 0; step < 2; step++)
        {
            var (ran, next) = step == 0 ? (result.Trials.Take(4), result.Trials.Skip(4).Take(2)) : (result.Trials.Skip(4).Take(2), result.Trials.Skip(6));
            Assert.Equal(ran.OrderBy(trial => trial.Score).Take(next.Count()).Select(trial => trial.Number).Order(), next.Select(trial => trial.Number));
        }
        Assert.Equal(4, result.Best.History!.Epochs.Count);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Theory]
    [InlineData(true, false, 8)]        // 4 · 1, then 2 · 1 and 1 · 2 more
    [InlineData(false, false, 12)]      // 4 · 1, then 2 · 2 and 1 · 4 from the beginning
    [InlineData(true, true, 12)]        // a schedule reaches as far as the run
    public void Survivors_GoOnWhereTheyStood_UnlessTheyCannot(bool goOn, bool schedule, int expected)
    {
        var epochs = 0;
        using var result = (Small with { ContinueSurvivors = goOn }).Run(
            dice => Draw(dice) is var drawn ? drawn with { Options = drawn.Options with { Callbacks = [new EachEpoch(() => epochs++)], Schedule = schedule ? new OneCycle() : null } } : drawn,
            Pipeline(ml), Train(ml), Validation(ml));
        Assert.Equal(expected, epochs);
        Assert.Equal(7, result.Trials.Count(trial => trial.Error is null));
    }

    [Fact]
    public void ASurvivor_HasTheBitsOfOneTrainedAtOneGo()
    {
        using var result = Small.Run(Draw, Pipeline(ml), Train(ml), Validation(ml));
        var best = result.Trials[^1];
        using var atOneGo = Blobs.Pipeline(ml, best.Candidate.Options with { Epochs = 4, Seed = 0 }, best.Candidate.Network).Fit(Train(ml), Validation(ml));
        Assert.Equal(best.Number, result.Best.Number);
        Assert.Equal(atOneGo.Transform(Validation(ml)).GetColumn<float[]>("Score"), result.Model.Transform(Validation(ml)).GetColumn<float[]>("Score"));
        Assert.Equal(atOneGo.LastTransformer.History.Epochs.Select(epoch => epoch.Validation!["loss"]), best.History!.Epochs.Select(epoch => epoch.Validation!["loss"]));
    }

    [Fact]
    public void ACandidateThatFails_IsNotPromoted()
    {
        // three of four fail: one remains where two could go on
        var number = 0;
        using var result = Small.Run(dice => ++number != 2 ? Exploding(Draw(dice)) : Draw(dice),
            Pipeline(ml), Train(ml), Validation(ml));
        Assert.Equal([1, 2, 3, 4, 2, 2], result.Trials.Select(trial => trial.Number));
        Assert.Equal(3, result.Trials.Count(trial => trial.Error is TrainingDivergedException));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void OneThatStoppedEarly_KeepsItsModel()
    {
        var epochs = 0;
        using var result = Small.Run(dice => new Candidate(new Mlp { HiddenSizes = [8] }, Blobs.Options with { Callbacks = [new EachEpoch(() => epochs++), new StopAtOnce()] }), Pipeline(ml), Train(ml), Validation(ml));
        Assert.Equal(4, epochs);
        Assert.All(result.Trials, trial => Assert.Equal(StopReason.Requested, trial.History!.Stopped));
    }

    private sealed class StopAtOnce : Callback
    {
        public override void OnEpochEnd(TrainingState state, EpochReport report) => state.RequestStop();
    }

    [Fact]
    public void Cancelling_LeavesNothingBehind()
    {
        using var source = new CancellationTokenSource();
        using var result = (Small with { CancellationToken = source.Token, Progress = new Listener(trial => { if (trial.Epochs == 2) source.Cancel(); }) }).Run(Draw, Pipeline(ml), Train(ml), Validation(ml));
        Assert.Equal(5, result.Trials.Count);
        Assert.True(result.IsCancelled);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void TwoNetworksOfAPipeline_EachGoOn()
    {
        using var result = Small.Run(Draw, (candidate, budget) => Blobs.Pipeline(ml, budget.Apply(candidate.Options), candidate.Network)
            .Append(ml.MulticlassClassification.Trainers.Deep(candidate.Network, budget.Apply(candidate.Options), featureColumnName: "Score")), Train(ml), Validation(ml));
        Assert.Equal(7, result.Trials.Count(trial => trial.Error is null));
        Assert.Equal(4, result.Trials[^1].History!.Epochs.Count);
    }

    [Fact]
    public void APipelineThatTakesNoBudget_SaysWhatToWrite() =>
        Assert.Contains("budget.Apply(candidate.Options)", Assert.Throws<InvalidOperationException>(() =>
            Small.Run(Draw, (candidate, _) => Blobs.Pipeline(ml, candidate.Options, candidate.Network), Train(ml), Validation(ml))).Message);

    [Fact]
    public void EpochsThatFall_AreRefused() =>
        Assert.Contains("MinEpochs is 9, but MaxEpochs only 3", Assert.Throws<ArgumentException>(() =>
            (Small with { MinEpochs = 9, MaxEpochs = 3 }).Run(Draw, Pipeline(ml), Train(ml), Validation(ml))).Message);
}
