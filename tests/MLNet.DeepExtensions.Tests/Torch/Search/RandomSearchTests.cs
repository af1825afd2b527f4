using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNet.DeepExtensions.Tests.Torch.Search.Candidates;

namespace MLNet.DeepExtensions.Tests.Torch.Search;

public sealed class RandomSearchTests
{
    private readonly MLContext ml = new();                      // without a seed: the search has one

    private SearchResult<Candidate> Run(HyperparameterSearch search, Func<SearchDice, Candidate>? space = null) =>
        search.Run(space ?? Draw, Pipeline(ml), Train(ml), Validation(ml));

    [Fact]
    public void TheBest_IsTheModelWithTheBestScore()
    {
        using var result = Run(new RandomSearch { Trials = 8, Objective = SearchObjective.Highest("accuracy") });
        Assert.Equal(Enumerable.Range(1, 8), result.Trials.Select(trial => trial.Number));
        Assert.Equal(result.Trials.Max(trial => trial.Score), result.Best.Score);
        Assert.True(result.Best.Score > 0.95, result.ToString());
        Assert.Contains(result.Trials, trial => trial.Score < 0.8);
        // what is handed out is what was measured
        Assert.Equal(result.Best.Score, ml.MulticlassClassification.Evaluate(result.Model.Transform(Validation(ml))).MicroAccuracy, 1e-6);
        Assert.Equal(result.Best.Candidate.Options.BatchSize, result.Best.Parameters.Single(parameter => parameter.Name == "batch").Value);
    }

    [Fact]
    public void TheSameSeed_GivesTheSameTrials()
    {
        var search = new RandomSearch { Trials = 4, Epochs = 2, Seed = 5 };
        using var first = Run(search);
        using var second = Run(search);
        Assert.Equal(first.Trials.Select(trial => (trial.Score, trial.Candidate.Network.HiddenSizes[0], trial.Epochs)), second.Trials.Select(trial => (trial.Score, trial.Candidate.Network.HiddenSizes[0], trial.Epochs)));
        Assert.All(first.Trials, trial => Assert.Equal(2, trial.Epochs));
        using var other = Run(search with { Seed = 6 });
        Assert.NotEqual(first.Trials.Select(trial => trial.Score), other.Trials.Select(trial => trial.Score));
    }

    [Fact]
    public void ADivergedTrial_IsAResultNotACrash()
    {
        using var result = Run(new RandomSearch { Trials = 6 }, dice => dice.Choice("explodes", true, false) ? Exploding(Draw(dice)) : Draw(dice));
        var (failed, fine) = (result.Trials.Where(trial => trial.Error is not null).ToList(), result.Trials.Where(trial => trial.Error is null).ToList());
        Assert.NotEmpty(failed);
        Assert.NotEmpty(fine);
        Assert.All(failed, trial => Assert.True(trial.Error is TrainingDivergedException && double.IsNaN(trial.Score) && trial.History is null));
        Assert.All(fine, trial => Assert.True(double.IsFinite(trial.Score) && trial.History is not null));
        Assert.Contains(nameof(TrainingDivergedException), result.ToString());
    }

    [Fact]
    public void WhereNothingSucceeds_TheFirstErrorIsSaid()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new RandomSearch { Trials = 3 }.Run(Draw,
            (candidate, budget) => ml.MulticlassClassification.Trainers.Deep(candidate.Network, budget.Apply(candidate.Options), labelColumnName: "Kind"), Train(ml), Validation(ml)));
        Assert.Contains("None of 3 trials succeeded", error.Message);
        Assert.Contains("'Kind'", error.InnerException!.Message);
    }

    [Fact]
    public void AFunction_MayJudge_AlsoPipelinesWithoutANetwork()
    {
        var validation = Validation(ml);
        var search = new RandomSearch { Trials = 3, Objective = SearchObjective.Lowest("log-loss", model => ml.MulticlassClassification.Evaluate(model.Transform(validation)).LogLoss) };
        using var networks = Run(search);
        Assert.Equal(networks.Best.Score, ml.MulticlassClassification.Evaluate(networks.Model.Transform(validation)).LogLoss, 1e-6);

        using var trees = (search with { Objective = SearchObjective.Lowest("mae", model => ml.Regression.Evaluate(model.Transform(validation), "Weight").MeanAbsoluteError) }).Run(
            dice => dice.Integer("trees", 1, 20), (count, _) => ml.Regression.Trainers.FastTree(labelColumnName: "Weight", numberOfTrees: count), Train(ml), validation);
        Assert.All(trees.Trials, trial => Assert.Null(trial.Epochs));
        Assert.Contains("the pipeline has no network", Assert.Throws<InvalidOperationException>(() => new RandomSearch { Trials = 1 }.Run(
            dice => 3, (count, _) => ml.Regression.Trainers.FastTree(labelColumnName: "Weight", numberOfTrees: count), Train(ml), validation)).Message);
    }

    [Fact]
    public void AMetricThatIsNotMeasured_IsNamedWithThoseThatAre() =>
        Assert.Contains("there are: loss, accuracy", Assert.Throws<InvalidOperationException>(() => Run(new RandomSearch { Trials = 1, Objective = SearchObjective.Highest("f1") })).Message);

    [Fact]
    public void EarlyStopping_EndsATrialBeforeItsBudget()
    {
        using var result = Run(new RandomSearch { Trials = 2, Epochs = 60 }, dice => new(new Mlp { HiddenSizes = [8] },
            Blobs.Options with { Optimizer = new Adam { LearningRate = 0.05 }, Callbacks = [new EarlyStopping { Patience = 1, MinDelta = 0.05 }] }));
        Assert.All(result.Trials, trial => Assert.True(trial.History!.Stopped == StopReason.Requested && trial.History.Epochs.Count < 60));
    }

    [Fact]
    public void Cancelling_GivesWhatWasFoundSoFar()
    {
        using var source = new CancellationTokenSource();
        var told = new List<int>();
        using var result = Run(new RandomSearch
        {
            Trials = 10, CancellationToken = source.Token,
            Progress = new Listener(trial =>
            {
                told.Add(trial.Number);
                if (trial.Number == 3)
                    source.Cancel();
            }),
        });
        Assert.True(result.IsCancelled);
        Assert.Equal([1, 2, 3], told);
        Assert.Equal([1, 2, 3], result.Trials.Select(trial => trial.Number));
    }

    [Fact]
    public void CancellingWithinATrial_LeavesItWithoutAScore()
    {
        using var source = new CancellationTokenSource();
        var (epochs, left) = (0, 0);
        SearchResult<Candidate> Cancel(int after) => Run(new RandomSearch { Trials = 10, Epochs = 50, CancellationToken = source.Token, Progress = new Listener(_ => left++) }, dice => Draw(dice) is var drawn
            ? drawn with { Options = drawn.Options with { Callbacks = [new EachEpoch(() => { if (++epochs == after) source.Cancel(); })] } } : drawn);
        using var result = Cancel(after: 55);
        Assert.Equal([true, false], result.Trials.Select(trial => double.IsFinite(trial.Score)));
        Assert.IsType<OperationCanceledException>(result.Trials[1].Error);
        Assert.Equal(1, result.Best.Number);
        Assert.Throws<OperationCanceledException>(() => Cancel(after: 1));
    }

    [Fact]
    public void Checkpoints_OfACandidatesOwn_AreRefused() =>
        Assert.Contains("cannot share a folder of checkpoints", Assert.Throws<InvalidOperationException>(() => Run(new RandomSearch { Trials = 1 },
            dice => new(new Mlp(), Blobs.Options with { Checkpoints = new CheckpointPolicy("here") }))).Message);

    [Fact]
    public void SettingsOutOfRange_AreNamed() => Assert.Contains("search.Trials", Assert.Throws<ArgumentException>(() => Run(new RandomSearch { Trials = 0 })).Message);

    [Fact]
    public void Tables_ShowTheBestFirst_AndCsvTheOrderOfTheRun()
    {
        using var result = Run(new RandomSearch { Trials = 4, Epochs = 1 }, dice => Draw(dice) is var drawn && dice.Choice("a, \"b\"", 1, 2) > 0 ? drawn : drawn);
        var table = result.ToString().Split('\n');
        Assert.Equal(5, table.Length);
        Assert.Matches(@"^trial +epochs +loss +seconds +width +batch +rate +a, ""b"" +error$", table[0]);
        Assert.StartsWith($"{result.Best.Number} ", table[1].TrimStart());
        var csv = result.ToCsv().Split('\n');
        Assert.Equal("trial,epochs,loss,seconds,width,batch,rate,\"a, \"\"b\"\"\",error", csv[0]);
        Assert.Equal(["1", "2", "3", "4", ""], csv[1..].Select(line => line.Split(',')[0]));
        Assert.Equal(result.Trials[0].Score, double.Parse(csv[1].Split(',')[2], System.Globalization.CultureInfo.InvariantCulture));
    }
}

/// <summary>What a search holds while it runs and when it has ended.</summary>
[Collection(nameof(Alone))]
public sealed class SearchMemoryTests
{
    private readonly MLContext ml = new(seed: 1);

    // TorchSharp leaves the wrappers of a network's parameters to the garbage collector, whoever builds it
    private readonly long wrappers = LiveTensors.LeftBy(() => new Mlp { HiddenSizes = [16] }.Build(new VectorShape(Blobs.Width), 3).Dispose());

    [Fact]
    public void OnlyTheBestPipeline_IsAlive_AndNothingAfterIt()
    {
        long network = 0;
        LiveTensors.LeftBy(() =>
        {
            var before = TorchSharp.torch.Tensor.TotalCount;
            using var one = Blobs.Pipeline(ml).Fit(Train(ml));
            network = TorchSharp.torch.Tensor.TotalCount - before;
        });
        LiveTensors.Settle();
        var (start, ended) = (TorchSharp.torch.Tensor.TotalCount, 0);
        var left = LiveTensors.LeftBy(() =>
        {
            using var result = new RandomSearch
            {
                Trials = 6, Seed = 2, Progress = new Listener(trial =>
                {
                    ended++;
                    Assert.True(TorchSharp.torch.Tensor.TotalCount - start <= network + (ended - 1) * wrappers, $"{TorchSharp.torch.Tensor.TotalCount - start} after {ended} trials");
                }),
            }.Run(dice => dice.Choice("explodes", true, false, false) ? Exploding(Draw(dice)) : Draw(dice), Pipeline(ml), Train(ml), Validation(ml));
            Assert.Contains(result.Trials, trial => trial.Error is not null);
            Assert.Contains(result.Trials, trial => trial.Error is null && trial != result.Best);
        });
        Assert.Equal(6 * wrappers, left);
    }

    [Fact]
    public void SurvivorsThatGoOn_LeaveNothing()
    {
        var search = new SuccessiveHalving { Candidates = 4, MinEpochs = 1, MaxEpochs = 4, Reduction = 2 };
        search.Run(Draw, Pipeline(ml), Train(ml), Validation(ml)).Dispose();
        Assert.Equal(7 * wrappers, LiveTensors.LeftBy(() => search.Run(Draw, Pipeline(ml), Train(ml), Validation(ml)).Dispose()));
        // and where nothing can be compared
        Assert.Equal(4 * wrappers, LiveTensors.LeftBy(() => Assert.Throws<InvalidOperationException>(() =>
            (search with { Objective = SearchObjective.Highest("f1") }).Run(Draw, Pipeline(ml), Train(ml), Validation(ml)))));
    }
}
