using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Conformance;

namespace MLNet.DeepExtensions.Tests.Torch.Checkpoints;

/// <summary>Optimizers, schedules and all else that moves a run's numbers, in any combination, interrupted anywhere and more than once: the bits are those of a run that was not.</summary>
[Collection(nameof(Alone))]
public sealed class ResumeRegistryTests : IDisposable
{
    private static readonly Type[] optimizers = [.. OptimizerConfig.Registered.Where(type => type.Assembly == typeof(OptimizerConfig).Assembly)];
    private static readonly Type[] schedules = [.. ScheduleConfig.Registered.Where(type => type.Assembly == typeof(ScheduleConfig).Assembly)];

    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"resume-{Guid.NewGuid():N}");

    public static TheoryData<Type> Schedules => [.. schedules];

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    // 20 rows in batches of 8: 3 steps in an epoch, whose last has 4 rows
    [Theory, MemberData(nameof(Schedules))]
    public void EveryOptimizer_UnderThisSchedule_WithAllThatRemembers(Type schedule)
    {
        var (train, validation) = (Blobs.View(ml, 20), Blobs.View(ml, 9, seed: 3));
        DeepTransformer Fit(DeepTrainerOptions options) => Blobs.Pipeline(ml, options, new Mlp { HiddenSizes = [8], Dropout = 0.3 }).Fit(train, validation).LastTransformer;
        for (var i = 0; i < optimizers.Length; i++)
        {
            var optimizer = (OptimizerConfig)Activator.CreateInstance(optimizers[i])! with { LearningRate = 0.01 };
            DeepTrainerOptions Options() => new()
            {
                Epochs = 3, BatchSize = 8, Optimizer = optimizer, Schedule = (ScheduleConfig)Activator.CreateInstance(schedule)! with { Per = i % 2 == 0 ? ScheduleUnit.Step : ScheduleUnit.Epoch },
                Callbacks = [new ExponentialMovingAverage { Decay = 0.9 }, new EarlyStopping { Patience = 2 }],
            };
            Dispose();
            // each step is the first interruption of some optimizer, at the least
            var interrupted = Outcome.OfInterrupted(Fit, Options, new CheckpointPolicy(folder) { EverySteps = 1 }, new Interruption(1 + i % 8), new Interruption(6, Means: Means.Crash));
            Outcome.Of(Fit, Options()).AssertSame(interrupted);
        }
    }

    [Fact]
    public void AnyRun_InterruptedAnywhere() => Check(12);

    [SlowFact]
    public void AnyRun_InterruptedAnywhere_ManyTimes() => Check(200);

    private void Check(int times) => Scenarios.Sample(scenario =>
    {
        Dispose();
        DeepTransformer Fit(DeepTrainerOptions options) => scenario.Fit(ml, options);
        var checkpoints = new CheckpointPolicy(folder) { EverySteps = scenario.EverySteps, EveryEpochs = scenario.EveryEpochs, KeepBest = scenario.EveryEpochs - 1 };
        Outcome.Of(Fit, scenario.Options()).AssertSame(Outcome.OfInterrupted(Fit, scenario.Options, checkpoints, scenario.Interruptions));
    }, iter: times, threads: 1);

    private static Gen<Interruption> Interruptions => Gen.Select(Gen.Int[1, 12], Gen.Enum<Moment>(), Gen.Enum<Means>(), (step, moment, means) => new Interruption(step, moment, means));

    private static Gen<Scenario> Scenarios => Gen.Select(
        Gen.Int[0, optimizers.Length - 1], Gen.Int[-1, schedules.Length - 1], Gen.Select(Gen.Int[1, 3], Gen.Enum<Precision>()), Gen.Bool.Array[12], Gen.Select(Gen.Int[1, 3], Gen.Int[1, 2]), Interruptions.Array[1, 3],
        (optimizer, schedule, step, choices, every, interruptions) => new Scenario(optimizer, schedule, step.Item1, step.Item2, choices, choices[11] ? every.Item1 : null, every.Item2, interruptions));

    private sealed class Picture
    {
        [VectorType(3, 8, 8)]
        public byte[] Features { get; set; } = [];

        [KeyType(3)]
        public uint Label { get; set; }
    }

    private sealed record Scenario(int Optimizer, int Schedule, int BatchesPerStep, Precision Precision, bool[] Choices, int? EverySteps, int EveryEpochs, Interruption[] Interruptions)
    {
        public DeepTransformer Fit(MLContext ml, DeepTrainerOptions options)
        {
            IDataView train = View(ml, 22, 1, isLazy: Choices[0]);
            if (Choices[1])
                train = ml.Transforms.AugmentImages("Features", new RandomCrop(8) { Padding = 1 }, new RandomHorizontalFlip(), Choices[2] ? new MixUp() : new RandomErasing()).Fit(train).Transform(train);
            return ml.MulticlassClassification.Trainers.Deep(new ConvNet { Widths = [4], Dropout = 0.3 }, options).Fit(train, View(ml, 9, 2, isLazy: false));
        }

        // 17 rows that have a label, in batches of 4: 5, 3 or 2 steps in an epoch
        public DeepTrainerOptions Options() => new()
        {
            Epochs = 3, BatchSize = 4, BatchesPerStep = BatchesPerStep, Seed = 4,
            Optimizer = (OptimizerConfig)Activator.CreateInstance(optimizers[Optimizer])! with { LearningRate = 0.01, Groups = Choices[3] ? [new ParameterGroup("fc.*") { LearningRateFactor = 3 }] : null },
            Schedule = Schedule < 0 ? null : (ScheduleConfig)Activator.CreateInstance(schedules[Schedule])!,
            Precision = Precision, ChannelsLast = Choices[4], ClipGradientNorm = Choices[5] ? 0.5 : null, ClipGradientValue = Choices[6] ? 0.1 : null,
            CacheBudget = Choices[7] ? 1500 : null, KeepBestWeights = Choices[8], Callbacks = [.. Callbacks()],
        };

        public override string ToString() => $"{optimizers[Optimizer].Name}, {(Schedule < 0 ? "no schedule" : schedules[Schedule].Name)}, {BatchesPerStep} batches per step, {Precision}, " +
            $"choices {string.Concat(Choices.Select(choice => choice ? '1' : '0'))}, written every {EverySteps?.ToString() ?? "-"} steps and {EveryEpochs} epochs, {string.Join(", ", Interruptions.Select(item => $"{item}"))}";

        private IEnumerable<Callback> Callbacks()
        {
            if (Choices[9])
                yield return new ExponentialMovingAverage { Decay = 0.9 };
            if (Choices[10])
                yield return new EarlyStopping { Patience = 1, MinDelta = 0.02 };
            if (Schedule < 0)
                yield return new ReduceOnPlateau { Patience = 0, Threshold = 0.05 };
        }

        private static IDataView View(MLContext ml, int count, int seed, bool isLazy)
        {
            var random = new Random(seed);
            List<Picture> rows = [.. Enumerable.Range(0, count).Select(i =>
            {
                var picture = new Picture { Features = new byte[192], Label = (uint)(i % 4) };      // 3 is none of the three: such a row is left out
                random.NextBytes(picture.Features);
                return picture;
            })];
            return ml.Data.LoadFromEnumerable(isLazy ? rows.Where(_ => true) : rows);
        }
    }
}
