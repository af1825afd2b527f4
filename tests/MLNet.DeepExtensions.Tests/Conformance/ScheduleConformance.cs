using MLNet.DeepExtensions.Tests.Torch.Training;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>What every registered schedule keeps, with its defaults. A new one is found here by itself.</summary>
public sealed class ScheduleConformance
{
    public static TheoryData<Type> Registered => [.. ScheduleConfig.Registered.Where(type => type.Assembly == typeof(ScheduleConfig).Assembly)];

    private static ScheduleConfig Default(Type type) => (ScheduleConfig)Activator.CreateInstance(type)!;

    [Theory, MemberData(nameof(Registered))]
    public void Json_RoundTrip_IsTheSameRecord(Type type)
    {
        foreach (var config in new[] { Default(type), Default(type) with { Per = ScheduleUnit.Epoch }, new Warmup { Length = 7, Then = Default(type) } })
            Assert.Equal(config, ConfigJson.Read<ScheduleConfig>(ConfigJson.Write(config)));
    }

    [Theory, MemberData(nameof(Registered))]
    public void Factor_OverRunsOfAnyLength_IsAShare(Type type)
    {
        foreach (var steps in new long[] { 1, 2, 3, 10, 1000 })
            for (var step = 0L; step <= steps; step++)
                Assert.InRange(Default(type).Factor(step, steps), 0, 1 + 1e-12);
    }

    [Fact]
    public void PerEpoch_ChangesBetweenEpochsOnly_AndPerStepWithinThem()
    {
        List<double> Rates(ScheduleConfig schedule)
        {
            var rates = new List<double>();
            var (state, source) = SmallRuns.Prepare(epochs: 3);
            state.Optimizer.LearningRate = 1;
            TrainingLoop.Run(state, source, null, [new FollowSchedule(schedule), new Record(rates)]);
            return rates;
        }
        var perEpoch = Rates(new ExponentialDecay { Gamma = 0.5 });
        Assert.Equal([1, 0.5, 0.25], perEpoch.Distinct());
        Assert.Equal(perEpoch.Order().Reverse(), perEpoch);
        var perStep = Rates(new PolynomialDecay());
        Assert.Equal(perStep.Count, perStep.Distinct().Count());
    }

    // the learning rate that each step was made with
    private sealed class Record(List<double> rates) : Callback
    {
        private double next;

        public override void OnEpochBegin(TrainingState state) => next = state.Optimizer.LearningRate;

        public override void OnBatchEnd(TrainingState state)
        {
            rates.Add(next);
            next = state.Optimizer.LearningRate;
        }
    }
}
