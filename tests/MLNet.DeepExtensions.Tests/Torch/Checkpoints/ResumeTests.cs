using Microsoft.ML;
using MLNet.DeepExtensions.Tests.Conformance;

namespace MLNet.DeepExtensions.Tests.Torch.Checkpoints;

/// <summary>A run that was interrupted and goes on has, in the end, the bits of one that was not.</summary>
[Collection(nameof(Alone))]
public sealed class ResumeTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"resume-{Guid.NewGuid():N}");
    private readonly List<string> log = [];

    public ResumeTests() => ml.Log += (_, entry) =>
    {
        lock (log)
            log.Add(entry.Message);
    };

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    public static TheoryData<Type> Models => ModelConformance.Models;

    // callbacks that a run can be given; what takes arguments is made below
    public static TheoryData<Type> Callbacks => [.. typeof(Callback).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Callback)) && !type.IsAbstract)];

    private static readonly Dictionary<Type, Func<Callback>> made = new()
    {
        [typeof(GradualUnfreezing)] = () => new GradualUnfreezing("fc1"),
        [typeof(ExponentialMovingAverage)] = () => new ExponentialMovingAverage { Decay = 0.9 },
        [typeof(EarlyStopping)] = () => new EarlyStopping { Patience = 2, MinDelta = 0.3 },
        [typeof(ReduceOnPlateau)] = () => new ReduceOnPlateau { Patience = 0, Threshold = 0.3 },
        [typeof(ReportProgress)] = () => new ReportProgress(new Progress<RunProgress>()),
        // what is in the files afterwards is tested with each of them
        [typeof(CsvLog)] = () => new CsvLog(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv")),
        [typeof(JsonLinesLog)] = () => new JsonLinesLog(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.jsonl")),
        [typeof(TensorBoardLog)] = () => new TensorBoardLog(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}")),
    };

    // 60 rows in batches of 16 and validation of 12: 3 steps in an epoch of 48 rows
    private static DeepTrainerOptions Options => new()
    {
        Epochs = 3, BatchSize = 16, ValidationFraction = 0.2, Optimizer = new AdamW { LearningRate = 0.02 }, Schedule = new OneCycle(), KeepBestWeights = false,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]                                         // the end of an epoch
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(8)]
    public void FromAnyStep_WithAllThatRemembers_TheBitsAreTheSame(long step)
    {
        DeepTrainerOptions Full() => Options with
        {
            KeepBestWeights = true, ClipGradientNorm = 1, Loss = new CrossEntropy { LabelSmoothing = 0.1 },
            Callbacks = [new ExponentialMovingAverage { Decay = 0.9 }, new EarlyStopping { Patience = 5 }],
        };
        Same(Full, new Mlp { HiddenSizes = [16], Dropout = 0.5 }, step);
    }

    [Theory, MemberData(nameof(Callbacks))]
    public void EveryCallback(Type type)
    {
        Assert.True(made.ContainsKey(type) || type.GetConstructor([]) is not null, $"Say in 'made' how to make a {type.Name}.");
        Callback New() => made.TryGetValue(type, out var make) ? make() : (Callback)Activator.CreateInstance(type)!;
        Same(() => Options with { Epochs = 6, Schedule = null, Freeze = type == typeof(GradualUnfreezing) ? ["fc1"] : [], Callbacks = [New()] }, new Mlp { HiddenSizes = [8], Dropout = 0.3 }, 5, 7, 10);
    }

    [Fact]
    public void GroupsFreezingAndGradualUnfreezing() => Same(() => Options with
    {
        Freeze = ["fc1"], Callbacks = [new GradualUnfreezing("fc1")],
        Optimizer = new AdamW { LearningRate = 0.02, Groups = [new ParameterGroup("*.bias") { WeightDecay = 0, LearningRateFactor = 2 }] },
    }, new Mlp { HiddenSizes = [8] }, 5);

    [Fact]
    public void ReduceOnPlateau_AndAccumulation() => Same(() => Options with
    {
        Schedule = null, BatchSize = 4, BatchesPerStep = 4, Callbacks = [new ReduceOnPlateau { Patience = 0, Threshold = 10 }],
    }, new Mlp { HiddenSizes = [8] }, 4);

    [Theory]
    [InlineData(2, false)]
    [InlineData(5, false)]
    [InlineData(8, false)]
    [InlineData(6, true)]
    public void AveragingOfWeights_WithItsOwnRate_AndABalancedLoss(long step, bool streamed) => Same(() => Options with
    {
        ValidationFraction = streamed ? 0 : 0.2, CacheBudget = streamed ? 400 : null,
        Loss = new CrossEntropy { Balance = true }, Callbacks = [new StochasticWeightAveraging { StartEpoch = 2, LearningRate = 0.01, AnnealEpochs = 2 }],
    }, new Mlp { HiddenSizes = [8], BatchNorm = true, Dropout = 0.5 }, step);

    [Fact]
    public void AnOptimizerOfTorchSharps() => Same(() => Options with { Optimizer = OptimizerConfig.From(0.01, (parameters, rate) => TorchSharp.torch.optim.RMSProp(parameters.Select(item => item.Parameter), rate, momentum: 0.9)) },
        new Mlp { HiddenSizes = [8] }, 4);

    [Fact]
    public void RowsThatAreStreamed() => Same(() => Options with { ValidationFraction = 0, CacheBudget = 400 }, new Mlp { HiddenSizes = [8], Dropout = 0.2 }, 5);

    [Fact]
    public void TwiceInOneEpoch()
    {
        var fit = Fit(new Mlp { HiddenSizes = [8], Dropout = 0.2 });
        // written when it stops, and not else
        Outcome.Of(fit, Options).AssertSame(Outcome.OfInterrupted(fit, () => Options, new CheckpointPolicy(folder), new Interruption(4), new Interruption(5)));
    }

    [Fact]
    public void StoppedBeforeItsFirstStep_WithinAnEpoch()
    {
        var fit = Fit(new Mlp { HiddenSizes = [8], Dropout = 0.2 });
        var checkpoints = new CheckpointPolicy(folder);
        fit(Options with { Checkpoints = checkpoints, MaxSteps = 4 }).Dispose();
        fit(Options with { Checkpoints = checkpoints, CancellationToken = new CancellationToken(canceled: true) }).Dispose();
        Outcome.Of(fit, Options).AssertSame(Outcome.Of(fit, Options with { Checkpoints = checkpoints }));
    }

    // the token is seen when the next epoch begins
    [Theory]
    [InlineData(nameof(Moment.EpochEnd))]
    [InlineData(nameof(Moment.EpochBegin))]
    [InlineData(nameof(Moment.ValidationBegin))]
    public void BetweenEpochs_WhereNotEachIsWritten(string moment)
    {
        foreach (var means in Enum.GetValues<Means>())
        {
            Dispose();
            var when = new Interruption(3, Enum.Parse<Moment>(moment), means);
            Outcome.Of(Fit(new Mlp { HiddenSizes = [8] }), Options).AssertSame(Outcome.OfInterrupted(Fit(new Mlp { HiddenSizes = [8] }), () => Options, new CheckpointPolicy(folder) { EveryEpochs = 2 }, when));
        }
    }

    // whoever asks for a stop has a reason of his own, though a limit was first
    [Fact]
    public void EarlyStoppingInTheEpochOfALimit_IsNotForgotten()
    {
        DeepTrainerOptions Stopping() => Options with { Epochs = 5, Schedule = null, Callbacks = [new EarlyStopping { Patience = 1, MinDelta = 100 }] };
        var whole = Outcome.Of(Fit(new Mlp()), Stopping());
        Assert.Equal(StopReason.Requested, whole.Stopped);
        Fit(new Mlp())(Stopping() with { MaxSteps = 6, Checkpoints = new CheckpointPolicy(folder) }).Dispose();
        whole.AssertSame(Outcome.Of(Fit(new Mlp()), Stopping() with { Checkpoints = new CheckpointPolicy(folder) }));
    }

    [Fact]
    public void LimitThatIsReached_TheSameCallAgain_MakesNoStepMore()
    {
        var options = Options with { MaxSteps = 4, Checkpoints = new CheckpointPolicy(folder) };
        var first = Outcome.Of(Fit(new Mlp()), options);
        first.AssertSame(Outcome.Of(Fit(new Mlp()), options));
        Outcome.Of(Fit(new Mlp()), Options).AssertSame(Outcome.Of(Fit(new Mlp()), options with { MaxSteps = null }));
    }

    // a file of text does not know its length before it was read once: its first epoch may be the longest time of all
    [Fact]
    public void StreamOfUnknownLength_IsWrittenWithinItsFirstEpoch()
    {
        var rows = Blobs.Rows(60);
        IEnumerable<Blobs.Row> Lazy()
        {
            foreach (var row in rows)
                yield return row;
        }
        var data = ml.Data.LoadFromEnumerable(Lazy());
        Assert.Null(data.GetRowCount());
        DeepTransformer Fit(DeepTrainerOptions options) => Blobs.Pipeline(ml, options).Fit(data).LastTransformer;
        DeepTrainerOptions Streamed() => Options with { ValidationFraction = 0, CacheBudget = 400, Schedule = null };
        var interrupted = Outcome.OfInterrupted(Fit, Streamed, new CheckpointPolicy(folder) { EverySteps = 1 }, new Interruption(3, Means: Means.Crash), new Interruption(7, Means: Means.Crash));
        lock (log)
            Assert.Contains(log, line => line.Contains("Going on after step 2,"));
        Outcome.Of(Fit, Streamed()).AssertSame(interrupted);
    }

    public static TheoryData<Type> Samplings => [.. Sampling.Registered];

    [Theory, MemberData(nameof(Samplings))]
    public void EverySampling(Type type) => Same(() => Options with { Sampling = (Sampling)Activator.CreateInstance(type)! }, new Mlp { HiddenSizes = [8], Dropout = 0.2 }, 5);

    [Theory]
    [InlineData(typeof(Triplet), 2)]
    [InlineData(typeof(ArcFace), 2)]                        // within an epoch: the metric's rows come back too
    [InlineData(typeof(ArcFace), 3)]
    public void Embeddings_WithWhatTheLossLearns(Type loss, long step) => Same(
        () => Options with { Loss = (LossConfig)Activator.CreateInstance(loss)!, Metrics = [new EqualErrorRate(), new RecallAt1()], KeepBestWeights = true },
        with => ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.DeepEmbedding(new Mlp { HiddenSizes = [8] }, with, embeddingSize: 4)).Fit(Blobs.View(ml, 60)).LastTransformer, step);

    [Theory, MemberData(nameof(Models))]
    public void EveryModel(Type type)
    {
        var (model, input, outputs) = ((ModelConfig)Activator.CreateInstance(type)!).Smallest();
        var (data, columns) = ExampleRows.Of(ml, input, outputs, 12);
        DeepTransformer Fit(DeepTrainerOptions options) => ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(model, columns, options)).Fit(data).LastTransformer;
        Same(() => new DeepTrainerOptions { Epochs = 2, BatchSize = 4, Optimizer = new AdamW { LearningRate = 1e-3 } }, Fit, 2);
    }

    private Func<DeepTrainerOptions, DeepTransformer> Fit(ModelConfig model) => options => Blobs.Pipeline(ml, options, model).Fit(Blobs.View(ml, 60)).LastTransformer;

    private void Same(Func<DeepTrainerOptions> options, ModelConfig model, params long[] steps) => Same(options, Fit(model), steps);

    // cancelled after these steps
    private void Same(Func<DeepTrainerOptions> options, Func<DeepTrainerOptions, DeepTransformer> fit, params long[] steps)
    {
        var whole = Outcome.Of(fit, options());
        var resumed = Outcome.OfInterrupted(fit, options, new CheckpointPolicy(folder) { EverySteps = 1 }, steps.Select(step => new Interruption(step)));
        lock (log)
            Assert.Contains(log, line => line.Contains($"Going on after step {steps[0]}"));
        whole.AssertSame(resumed);
    }
}
