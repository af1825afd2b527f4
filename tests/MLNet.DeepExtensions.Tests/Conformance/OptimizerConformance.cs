using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>What every registered optimizer keeps, with its defaults. A new one is found here by itself.</summary>
public sealed class OptimizerConformance
{
    public static TheoryData<Type> Registered => [.. OptimizerConfig.Registered.Where(type => type.Assembly == typeof(OptimizerConfig).Assembly)];

    private static OptimizerConfig Default(Type type) => (OptimizerConfig)Activator.CreateInstance(type)!;

    [Fact]
    public void Registered_HoldsOursUnderTheirNames() =>
        Assert.Superset(new HashSet<string> { "adadelta", "adagrad", "adam", "adamax", "adamw", "lion", "nadam", "radam", "rmsprop", "sgd" }, OptimizerConfig.Registered.Select(type => ConfigFamily.Of<OptimizerConfig>().NameOf(type)).ToHashSet());

    [Theory]
    [MemberData(nameof(Registered))]
    public void Json_RoundTrip_IsTheSameRecord(Type type)
    {
        var config = Default(type) with { LearningRate = 0.1234567890123456789 };
        Assert.Equal(config, ConfigJson.Read<OptimizerConfig>(ConfigJson.Write(config)));
    }

    [Theory]
    [MemberData(nameof(Registered))]
    public void Step_ManyTimes_LowersAQuadratic(Type type)
    {
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 3, 4);
        var target = OptimizerProblems.Fill(3, 3, 4);
        // Adadelta's updates have the units of the weights, Adagrad's shrink as steps go by: both want more
        var rate = type == typeof(Adadelta) ? 1 : type == typeof(Adagrad) ? 0.5 : 0.01;
        using var optimizer = (Default(type) with { LearningRate = rate }).Build([("w", weight)]);
        double Loss()
        {
            using var inner = NewDisposeScope();
            optimizer.ZeroGrad();
            var loss = (weight - target).pow(2).sum();
            loss.backward();
            return loss.item<float>();
        }
        var first = Loss();
        for (var step = 0; step < 1000; step++)
        {
            optimizer.Step();
            Loss();
        }
        Assert.True(Loss() < first / 10, $"from {first} to {Loss()}");
    }

    [Theory]
    [MemberData(nameof(Registered))]
    public void Step_SameRunTwice_SameBits(Type type)
    {
        using var scope = NewDisposeScope();
        using var a = Default(type).Build([("w", OptimizerProblems.Weight(1, 50, 40))]);
        using var b = Default(type).Build([("w", OptimizerProblems.Weight(1, 50, 40))]);
        a.Train(0, 10);
        b.Train(0, 10);
        Assert.True(OptimizerProblems.BitEqual(a.Parameters[0].Parameter, b.Parameters[0].Parameter));
    }

    [Theory]
    [MemberData(nameof(Registered))]
    public void Step_NoGradient_ChangesNothing(Type type)
    {
        using var scope = NewDisposeScope();
        using var optimizer = Default(type).Build([("w", OptimizerProblems.Weight(1, 6))]);
        optimizer.Step();
        Assert.True(OptimizerProblems.BitEqual(OptimizerProblems.Fill(1, 6), optimizer.Parameters[0].Parameter));
    }

    [Theory]
    [MemberData(nameof(Registered))]
    public void Dispose_AfterSteps_LeavesNoLiveTensor(Type type)
    {
        var statistics = DisposeScopeManager.Statistics;
        using (var weight = OptimizerProblems.Weight(1, 6))
        using (var other = new TorchSharp.Modules.Parameter(ones(4).to(ScalarType.BFloat16)))
        {
            Run();
            var before = statistics.ThreadTotalLiveCount;
            Run();
            Assert.Equal(before, statistics.ThreadTotalLiveCount);

            void Run()
            {
                using var optimizer = Default(type).Build([("w", weight), ("half", other)]);
                optimizer.Train(0, 3);
                var whole = statistics.ThreadTotalLiveCount;
                optimizer.Train(3, 6);
                Assert.Equal(whole, statistics.ThreadTotalLiveCount);
                var state = optimizer.CopyState();
                optimizer.LoadState(state);
                foreach (var value in state.Values)
                    value.Dispose();
                Assert.Equal(whole, statistics.ThreadTotalLiveCount);
                optimizer.ZeroGrad();
            }
        }
    }
}
