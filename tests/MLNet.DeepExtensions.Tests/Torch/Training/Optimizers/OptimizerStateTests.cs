using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

public sealed class OptimizerStateTests
{
    public static TheoryData<OptimizerConfig, bool> OddBothWays
    {
        get
        {
            var data = new TheoryData<OptimizerConfig, bool>();
            foreach (var row in OptimizerProblems.Odd)
            {
                data.Add(row.Data, true);
                data.Add(row.Data, false);
            }
            return data;
        }
    }

    private static (string, TorchSharp.Modules.Parameter)[] Weights => [("fc.weight", OptimizerProblems.Weight(1, 5, 7)), ("fc.bias", OptimizerProblems.Weight(2, 5))];

    [Theory]
    [MemberData(nameof(OddBothWays))]
    public void LoadState_OfAnInterruptedRun_GoesOnWithTheSameBits(OptimizerConfig config, bool fused)
    {
        using var scope = NewDisposeScope();
        Optimizer Build() => fused ? config.Build(Weights) : config.Build(Weights).WithoutKernels();
        using var through = Build();
        through.Train(0, 9);

        using var before = Build();
        before.Train(0, 4);
        var state = before.CopyState();
        var weights = before.Parameters.Select(item => item.Parameter.detach().clone()).ToList();
        // the copy is no view: the run that goes on does not change it
        before.Train(4, 5);

        using var after = Build();
        after.Train(7, 8);
        using (no_grad())
            foreach (var (item, weight) in after.Parameters.Zip(weights))
                item.Parameter.copy_(weight);
        after.LoadState(state);
        after.Train(4, 9);
        foreach (var (a, b) in through.Parameters.Zip(after.Parameters))
            Assert.True(OptimizerProblems.BitEqual(a.Parameter, b.Parameter), a.Name);
        Assert.All(through.CopyState(), item => Assert.True(OptimizerProblems.BitEqual(item.Value, after.CopyState()[item.Key]), item.Key));
    }

    [Fact]
    public void CopyState_HasPyTorchsNamesBehindTheParameters()
    {
        using var scope = NewDisposeScope();
        using var adam = new AdamW { AmsGrad = true }.Build(Weights);
        using var momentum = new Sgd { Momentum = 0.9 }.Build(Weights);
        using var sgd = new Sgd().Build(Weights);
        Assert.Empty(adam.CopyState());
        adam.Train(0, 3);
        momentum.Train(0, 1);
        sgd.Train(0, 1);
        Assert.Equal(
            ["fc.bias/exp_avg", "fc.bias/exp_avg_sq", "fc.bias/max_exp_avg_sq", "fc.bias/step", "fc.weight/exp_avg", "fc.weight/exp_avg_sq", "fc.weight/max_exp_avg_sq", "fc.weight/step"],
            adam.CopyState().Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, adam.CopyState()["fc.bias/step"].item<long>());
        Assert.Equal(["fc.bias/momentum_buffer", "fc.weight/momentum_buffer"], momentum.CopyState().Keys.Order(StringComparer.Ordinal));
        Assert.Empty(sgd.CopyState());
    }

    [Fact]
    public void LoadState_Empty_StartsAnew()
    {
        using var scope = NewDisposeScope();
        using var optimizer = new Sgd { Momentum = 0.9 }.Build(Weights);
        optimizer.Train(0, 3);
        optimizer.LoadState(new Dictionary<string, Tensor>());
        Assert.Empty(optimizer.CopyState());
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "unknown", "The state holds 'fc.weight/momentum_buffer', which Adam with these options and parameters does not have. Build the optimizer with the options" },
        { "missing", "The state of 'fc.weight' lacks exp_avg_sq." },
        { "shape", "'fc.weight/exp_avg' is Float32 [7, 5] on cpu, but the parameter is Float32 [5, 7] on cpu." },
        { "type", "'fc.bias/exp_avg' is Float64 [5] on cpu, but the parameter is Float32 [5] on cpu." },
        { "step", "'fc.bias/step' must be one whole number of 1 or more, but is Int64 [] on cpu." },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void LoadState_DoesNotBelongHere_SaysWhyAndChangesNothing(string damage, string message)
    {
        using var scope = NewDisposeScope();
        using var optimizer = new Adam().Build(Weights);
        optimizer.Train(0, 3);
        var before = optimizer.CopyState();
        var state = new Dictionary<string, Tensor>(before);
        switch (damage)
        {
            case "unknown": state["fc.weight/momentum_buffer"] = ones(1); break;
            case "missing": state.Remove("fc.weight/exp_avg_sq"); break;
            case "shape": state["fc.weight/exp_avg"] = state["fc.weight/exp_avg"].t(); break;
            case "type": state["fc.bias/exp_avg"] = state["fc.bias/exp_avg"].to(ScalarType.Float64); break;
            case "step": state["fc.bias/step"] = tensor(0L); break;
        }

        var error = Assert.Throws<ArgumentException>(() => optimizer.LoadState(state));

        Assert.Contains(message, error.Message);
        var after = optimizer.CopyState();
        Assert.All(before, item => Assert.True(OptimizerProblems.BitEqual(item.Value, after[item.Key])));
    }
}
