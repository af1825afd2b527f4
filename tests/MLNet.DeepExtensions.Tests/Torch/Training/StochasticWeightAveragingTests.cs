using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

[Collection(nameof(Alone))]
public sealed class StochasticWeightAveragingTests
{
    private static readonly Mlp withBatchNorm = new() { HiddenSizes = [8], BatchNorm = true, Dropout = 0.3 };

    private readonly MLContext ml = new(seed: 3);

    private static DeepTrainerOptions Options => new() { Epochs = 4, BatchSize = 16, Seed = 5, Optimizer = new Sgd { LearningRate = 0.1, Momentum = 0.9 } };

    [Fact]
    public void TheModel_IsTheMeanOfTheEpochsWeights()
    {
        var ends = new List<float[]>();
        using var model = Fit(Options with { Callbacks = [new StochasticWeightAveraging { StartEpoch = 2 }, new AtEpochEnd(state => ends.Add(Numbers(state.Module, "fc1.weight")))] });
        Assert.Equal(4, ends.Count);
        var actual = Numbers(model.Module, "fc1.weight");
        for (var i = 0; i < actual.Length; i++)
            Assert.Equal((ends[1][i] + ends[2][i] + ends[3][i]) / 3, actual[i], 1e-6f);
        Assert.NotEqual(ends[3], actual);
        Assert.Equal(4, model.History.BestEpoch);
    }

    [Theory]
    [InlineData(4, 0.75, null, 1)]
    [InlineData(4, 0.5, null, 2)]
    [InlineData(4, 0.0, null, 4)]
    [InlineData(1, 0.75, null, 1)]                          // the last epoch always counts
    [InlineData(4, 0.75, 2, 3)]
    [InlineData(4, 0.75, 5, 0)]                             // never reached: as if it were not there
    public void WeightsAreGathered_FromTheFractionOrTheEpochOn(int epochs, double fraction, int? epoch, int gathered)
    {
        var ends = new List<float[]>();
        using var model = Fit(Options with { Epochs = epochs, Callbacks = [new StochasticWeightAveraging { StartFraction = fraction, StartEpoch = epoch }, new AtEpochEnd(state => ends.Add(Numbers(state.Module, "fc1.bias")))] });
        var last = ends.TakeLast(Math.Max(1, gathered)).ToList();
        var actual = Numbers(model.Module, "fc1.bias");
        for (var i = 0; i < actual.Length; i++)
            Assert.Equal(last.Average(end => end[i]), actual[i], 1e-6f);
    }

    [Fact]
    public void BatchNorm_HasTheStatisticsOfTheMeansOwnActivations_OverTheTrainingRows()
    {
        using var model = Fit(Options with { BatchSize = 60, Shuffle = false, Callbacks = [new StochasticWeightAveraging { StartEpoch = 1 }] }, withBatchNorm);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var rows = tensor(Blobs.Rows(60).SelectMany(row => row.Features).ToArray()).reshape(60, Blobs.Width);
        var parts = model.Module.named_children().ToDictionary(part => part.name, part => part.module);
        var before = ((nn.Module<Tensor, Tensor>)parts["fc1"]).call(rows);                     // one batch of all rows: its statistics are the running ones
        var norm = (BatchNorm1d)parts["bn1"];
        Assert.True(norm.running_mean!.allclose(before.mean([0]), 1e-5, 1e-5));
        Assert.True(norm.running_var!.allclose(before.var([0], unbiased: true), 1e-4, 1e-5));
        Assert.Equal(0.1, norm.momentum);
        Assert.Equal(1, norm.num_batches_tracked!.ToInt64());
    }

    [Fact]
    public void BatchNorm_OfSeveralBatches_EachCountsAlike()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var module = nn.Sequential(("bn", nn.BatchNorm1d(3)), ("drop", nn.Dropout(0.5)));
        var rows = rand(5, 3);
        var generator = random.get_rng_state();
        BatchNormStatistics.Renew(module, new RowsInOrder(rows, arange(5), null, 3));
        var (first, second) = (rows.narrow(0, 0, 3), rows.narrow(0, 3, 2));
        var norm = module.modules().OfType<BatchNorm1d>().Single();
        Assert.True(norm.running_mean!.allclose((first.mean([0]) + second.mean([0])) / 2, 1e-6, 1e-7));
        Assert.True(norm.running_var!.allclose((first.var([0]) + second.var([0])) / 2, 1e-6, 1e-7));
        Assert.False(norm.training);
        Assert.Equal(generator.bytes.ToArray(), random.get_rng_state().bytes.ToArray());      // dropout did not draw
    }

    [Fact]
    public void BatchNorm_ThatIsFrozen_KeepsItsStatistics()
    {
        using var plain = Fit(Options with { Freeze = ["bn1"], Epochs = 1 }, withBatchNorm);
        using var averaged = Fit(Options with { Freeze = ["bn1"], Callbacks = [new StochasticWeightAveraging()] }, withBatchNorm);
        Assert.Equal(Numbers(plain.Module, "bn1.running_mean"), Numbers(averaged.Module, "bn1.running_mean"));
    }

    [Fact]
    public void TheMean_IsTheModel_WhateverEpochWasBest()
    {
        var ends = new List<float[]>();
        var options = Options with { KeepBestWeights = true, ValidationFraction = 0.3, Callbacks = [new StochasticWeightAveraging { StartEpoch = 3 }, new AtEpochEnd(state => ends.Add(Numbers(state.Module, "fc1.bias")))] };
        using var model = Fit(options);
        var actual = Numbers(model.Module, "fc1.bias");
        for (var i = 0; i < actual.Length; i++)
            Assert.Equal((ends[2][i] + ends[3][i]) / 2, actual[i], 1e-6f);
    }

    [Fact]
    public void AnEarlierEnd_LeavesWhatBestWeightsChose()
    {
        var options = Options with { ValidationFraction = 0.3, MaxSteps = 6 };
        using var plain = Fit(options);
        using var averaged = Fit(options with { Callbacks = [new StochasticWeightAveraging { StartEpoch = 4 }] });
        Assert.Equal(Numbers(plain.Module, "fc1.weight"), Numbers(averaged.Module, "fc1.weight"));
        Assert.Equal(plain.History.BestEpoch, averaged.History.BestEpoch);
    }

    [Fact]
    public void TwoAverages_AreRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => Fit(Options with { Callbacks = [new ExponentialMovingAverage(), new StochasticWeightAveraging()] }));
        Assert.Contains("ExponentialMovingAverage and StochasticWeightAveraging, but only one average of the weights can be the model", error.Message);
    }

    [Theory]
    [InlineData(0, new[] { 0.1, 0.02, 0.02, 0.02 })]
    [InlineData(2, new[] { 0.1, 0.1, 0.06, 0.02 })]          // SWALR: half of the cosine after one epoch of two
    public void LearningRate_GoesToItsOwn_AlongSwalrsCosine(int annealEpochs, double[] rates)
    {
        using var model = Fit(Options with { Callbacks = [new StochasticWeightAveraging { StartEpoch = 2, LearningRate = 0.02, AnnealEpochs = annealEpochs }] });
        Assert.Equal(rates, model.History.Epochs.Select(epoch => epoch.LearningRate), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void LearningRate_TakesTheScheduleOver()
    {
        using var model = Fit(Options with { Schedule = new OneCycle(), Callbacks = [new StochasticWeightAveraging { StartEpoch = 3, LearningRate = 0.05, AnnealEpochs = 0 }] });
        Assert.Equal([0.05, 0.05], model.History.Epochs.Skip(2).Select(epoch => epoch.LearningRate));
    }

    [Theory]
    [InlineData(1.0, null, "StartFraction")]
    [InlineData(0.5, 0, "StartEpoch")]
    public void AWrongStart_IsRefusedByName(double fraction, int? epoch, string named) =>
        Assert.Contains(named, Assert.Throws<ArgumentException>(() => Fit(Options with { Callbacks = [new StochasticWeightAveraging { StartFraction = fraction, StartEpoch = epoch }] })).Message);

    [Fact]
    public void OneObject_ServesSeveralRuns_AndLeavesNoTensor()
    {
        using var average = new StochasticWeightAveraging();
        float[] Once(params Callback[] callbacks)
        {
            using var model = Fit(Options with { Callbacks = callbacks }, withBatchNorm);
            return Numbers(model.Module, "fc2.weight");
        }
        var (first, second) = (Once(average), Array.Empty<float>());
        // TorchSharp's modules leave some wrappers to the garbage collector
        Assert.Equal(LiveTensors.LeftBy(() => Once()), LiveTensors.LeftBy(() => second = Once(average)));
        Assert.Equal(first, second);
    }

    [Fact]
    public void TrainingBatches_GiveEachRowOnce_BetweenEpochs_AndAreRefusedWithinOne()
    {
        var rows = new List<long>();
        void Count(TrainingState state)
        {
            using var scope = NewDisposeScope();
            rows.Add(state.TrainingBatches.Read(epoch: 0).Sum(batch => (long)batch.Count));
        }
        using var plain = Fit(Options);
        using var model = Fit(Options with { Callbacks = [new AtEpochEnd(Count)] });
        Assert.Equal([60L, 60, 60, 60], rows);
        Assert.Equal(Numbers(plain.Module, "fc1.weight"), Numbers(model.Module, "fc1.weight"));
        var error = Assert.Throws<InvalidOperationException>(() => Fit(Options with { Callbacks = [new AtBatchEnd(Count)] }));
        Assert.Contains("between epochs", error.Message);
    }

    private DeepTransformer Fit(DeepTrainerOptions options, ModelConfig? model = null) =>
        Blobs.Pipeline(ml, options, model ?? new Mlp { HiddenSizes = [8] }).Fit(Blobs.View(ml, 60)).LastTransformer;

    private static float[] Numbers(nn.Module module, string name) => module.state_dict()[name].data<float>().ToArray();

    private sealed class AtEpochEnd(Action<TrainingState> look) : Callback
    {
        public override void OnEpochEnd(TrainingState state, EpochReport report) => look(state);
    }

    private sealed class AtBatchEnd(Action<TrainingState> look) : Callback
    {
        public override void OnBatchEnd(TrainingState state) => look(state);
    }
}
