using MLNet.DeepExtensions.Tests.Torch.Training;

namespace MLNet.DeepExtensions.Tests.Parity;

public sealed class ScheduleParityTests
{
    // the name, the schedule, the length of the run, how many of PyTorch's steps lie within it
    public static TheoryData<string, ScheduleConfig, int, int> Schedules => new()
    {
        { "step_size_3_gamma_0_5", new StepDecay { Every = 3, Gamma = 0.5 }, 12, 12 },
        { "multi_step_3_7_gamma_0_1", new MultiStepDecay { Milestones = [3, 7] }, 14, 14 },
        { "exponential_0_9", new ExponentialDecay { Gamma = 0.9 }, 12, 12 },
        { "cosine_t_max_10", new CosineDecay(), 10, 11 },
        { "one_cycle_max_0_1_total_12", new OneCycle(), 12, 12 },
        { "linear_warmup_4_then_decay_to_0_at_12", new PolynomialDecay { WarmupFraction = 1 / 3.0 }, 12, 12 },
        { "linear_warmup_4_then_decay_to_0_at_12", new Warmup { Length = 4, Then = new PolynomialDecay() }, 12, 12 },
        { "polynomial_10_power_2", new PolynomialDecay { Power = 2 }, 10, 11 },
        { "cosine_warm_restarts_4_mult_2", new CosineRestarts { FirstRound = 4, Multiplier = 2 }, 14, 14 },
        { "linear_0_25_to_1_over_4", new Warmup { Length = 4, InitialFactor = 0.25 }, 14, 14 },
        { "cyclic_0_01_to_0_1_up_4_triangular2", new Cyclic { LowFactor = 0.1, Rise = 4, Halving = true }, 14, 14 },
    };

    /// <summary>What is held, for <see cref="ParityCompleteness"/>.</summary>
    internal static IEnumerable<(string Name, Type Config)> Held => Schedules.Select(row => (row.Data.Item1, row.Data.Item2.GetType()));

    [Theory, MemberData(nameof(Schedules))]
    public void Factor_IsPyTorchs(string name, ScheduleConfig schedule, int steps, int count) =>
        Assert.Equal(TrainingNumbers.LearningRates(name).Take(count), Enumerable.Range(0, count).Select(step => 0.1 * schedule.Factor(step, steps)), (a, b) => Math.Abs(a - b) <= 1e-12);

    [Fact, Holds("plateau_factor_0_5_patience_2_rel_threshold_1e_2")]
    public void ReduceOnPlateau_IsPyTorchs()
    {
        var numbers = TrainingNumbers.Of("schedules", "plateau_factor_0_5_patience_2_rel_threshold_1e_2");
        var callback = new ReduceOnPlateau { Factor = 0.5, Patience = 2, Threshold = 1e-2 };
        var (state, _) = SmallRuns.Prepare(epochs: 100);
        state.HasValidation = true;
        state.Optimizer.LearningRate = 0.1;
        callback.OnTrainBegin(state);
        foreach (var (metric, expected) in TrainingNumbers.Row(numbers.GetProperty("metric")).Zip(TrainingNumbers.Row(numbers.GetProperty("lr_before_step"))))
        {
            Assert.Equal(expected, state.Optimizer.LearningRate, 1e-12);
            callback.OnEpochEnd(state, SmallRuns.Report(1, ("loss", metric)));
        }
    }
}
