using Microsoft.ML;
using Microsoft.ML.Data;
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

    public static TheoryData<Type> Optimizers => [.. OptimizerConfig.Registered.Where(type => type.Assembly == typeof(OptimizerConfig).Assembly)];

    public static TheoryData<Type> Models => ModelConformance.Models;

    public static TheoryData<Type> Schedules => ScheduleConformance.Registered;

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

    [Theory, MemberData(nameof(Optimizers))]
    public void EveryOptimizer(Type type) => Same(() => Options with { Optimizer = (OptimizerConfig)Activator.CreateInstance(type)! with { LearningRate = 0.01 } }, new Mlp { HiddenSizes = [8] }, 4);

    [Theory, MemberData(nameof(Schedules))]
    public void EverySchedule(Type type) => Same(() => Options with { Schedule = (ScheduleConfig)Activator.CreateInstance(type)! }, new Mlp { HiddenSizes = [8] }, 5);

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
    public void RowsThatAreStreamed() => Same(() => Options with { ValidationFraction = 0, CacheBudget = 400 }, new Mlp { HiddenSizes = [8], Dropout = 0.2 }, 5);

    [Theory, MemberData(nameof(Models))]
    public void EveryModel(Type type)
    {
        var (model, input, outputs) = ((ModelConfig)Activator.CreateInstance(type)!).Smallest();
        var columns = input is ColumnsShape several ? several.Columns : [new NamedShape("Features", input)];
        var random = new Random(1);
        float[] Numbers(int column) => column < columns.Count ? [.. Enumerable.Range(0, (int)columns[column].Shape.Count).Select(_ => (float)random.NextDouble())] : [0];
        var rows = Enumerable.Range(0, 12).Select(i => new ShapedRow { Label = $"{i % outputs}", First = Numbers(0), Second = Numbers(1), Third = Numbers(2) }).ToList();
        var schema = SchemaDefinition.Create(typeof(ShapedRow));
        foreach (var (name, length) in new[] { (nameof(ShapedRow.First), rows[0].First.Length), (nameof(ShapedRow.Second), rows[0].Second.Length), (nameof(ShapedRow.Third), rows[0].Third.Length) })
            schema[name].ColumnType = new VectorDataViewType(NumberDataViewType.Single, length);
        string[] sources = [nameof(ShapedRow.First), nameof(ShapedRow.Second), nameof(ShapedRow.Third)];
        var data = ml.Transforms.Conversion.MapValueToKey("Label").Fit(ml.Data.LoadFromEnumerable(rows, schema)).Transform(ml.Data.LoadFromEnumerable(rows, schema));
        foreach (var (column, source) in columns.Zip(sources))
            data = ml.Transforms.CopyColumns(column.Name, source).Fit(data).Transform(data);
        DeepTransformer Fit(DeepTrainerOptions options) => ml.MulticlassClassification.Trainers
            .Deep(model, [.. columns.Select(column => new InputColumn(column.Name, column.Shape))], options).Fit(data);
        Same(() => new DeepTrainerOptions { Epochs = 2, BatchSize = 4, Optimizer = new AdamW { LearningRate = 1e-3 } }, Fit, step: 2);
    }

    private sealed class ShapedRow
    {
        public string Label { get; set; } = "";

        public float[] First { get; set; } = [];

        public float[] Second { get; set; } = [];

        public float[] Third { get; set; } = [];
    }

    private void Same(Func<DeepTrainerOptions> options, ModelConfig model, long step) =>
        Same(options, with => Blobs.Pipeline(ml, with, model).Fit(Blobs.View(ml, 60)).LastTransformer, step);

    private void Same(Func<DeepTrainerOptions> options, Func<DeepTrainerOptions, DeepTransformer> fit, long step)
    {
        using var whole = fit(options());
        var checkpoints = new CheckpointPolicy(folder) { EverySteps = 1 };
        using var cancellation = new CancellationTokenSource();
        var first = options();
        fit(first with { Checkpoints = checkpoints, CancellationToken = cancellation.Token, Callbacks = [.. first.Callbacks, new CancelAt(step, cancellation)] }).Dispose();
        using var resumed = fit(options() with { Checkpoints = checkpoints });
        lock (log)
            Assert.Contains(log, line => line.Contains($"Going on after step {step}"));
        Assert.Equal(Bits(whole), Bits(resumed));
        Assert.Equal(Figures(whole), Figures(resumed));
        Assert.Equal(whole.History.BestEpoch, resumed.History.BestEpoch);
    }

    private byte[] Bits(DeepTransformer transformer)
    {
        var path = Path.GetTempFileName();
        transformer.SaveWeights(path);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    private static List<string> Figures(DeepTransformer transformer) => [.. transformer.History.Epochs.Select(epoch =>
        $"{epoch.Epoch} {epoch.Step} {epoch.LearningRate:R} {string.Join(" ", epoch.Train.Select(item => $"{item.Key} {item.Value:R}"))} | {string.Join(" ", epoch.Validation?.Select(item => $"{item.Key} {item.Value:R}") ?? [])}")];

    internal sealed class CancelAt(long step, CancellationTokenSource source) : Callback
    {
        public override void OnBatchEnd(TrainingState state)
        {
            if (state.Step == step)
                source.Cancel();
        }
    }
}
