using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

public sealed class TorchOptimizerTests
{
    public static TheoryData<string> Names => ["rmsprop", "adagrad", "adadelta", "adam", "nadam", "radam", "adamax", "sgd", "rprop", "asgd"];

    private static OptimizerConfig Config(string name) => OptimizerConfig.From(0.02, (parameters, rate) => name switch
    {
        "rmsprop" => optim.RMSProp(parameters, rate, momentum: 0.5),
        "adagrad" => optim.Adagrad(parameters, rate),
        "adadelta" => optim.Adadelta(parameters, rate),
        "adam" => optim.Adam(parameters, rate),
        "nadam" => optim.NAdam(parameters, rate),
        "radam" => optim.RAdam(parameters, rate),
        "adamax" => optim.Adamax(parameters, rate),
        "sgd" => optim.SGD(parameters, rate, 0.9),
        "rprop" => optim.Rprop(parameters, rate),
        _ => optim.ASGD(parameters, rate),
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void From_TorchSharpsOptimizer_GoesItsWay(string name)
    {
        using var scope = NewDisposeScope();
        var config = Config(name);
        using var ours = config.Build([("w", OptimizerProblems.Weight(1, 6))]);
        ours.Train(0, 5);

        var weight = OptimizerProblems.Weight(1, 6);
        var made = default(optim.Optimizer);
        using var outer = OptimizerConfig.From(0.02, (parameters, rate) => made = Inner(config, parameters)).Build([("w", weight)]);
        for (var step = 0; step < 5; step++)
        {
            made!.zero_grad();
            (weight - OptimizerProblems.Fill(step * 2, 6)).pow(2).sum().to(ScalarType.Float64).backward();
            made.step();
        }
        Assert.Equal(0.02, ours.LearningRate);
        Assert.True(OptimizerProblems.BitEqual(weight, ours.Parameters[0].Parameter));
        Assert.False(OptimizerProblems.BitEqual(weight, OptimizerProblems.Fill(1, 6)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void LoadState_OfAnInterruptedRun_GoesOnWithTheSameBits(string name)
    {
        using var scope = NewDisposeScope();
        using var through = Config(name).Build([("w", OptimizerProblems.Weight(1, 6))]);
        through.Train(0, 8);
        using var before = Config(name).Build([("w", OptimizerProblems.Weight(1, 6))]);
        before.Train(0, 4);
        using var after = Config(name).Build([("w", new Parameter(before.Parameters[0].Parameter.detach().clone()))]);
        after.LoadState(before.CopyState());
        after.Train(4, 8);
        Assert.True(OptimizerProblems.BitEqual(through.Parameters[0].Parameter, after.Parameters[0].Parameter));
    }

    [Fact]
    public void LearningRate_WithGroups_KeepsTheirProportions()
    {
        using var scope = NewDisposeScope();
        var (body, head) = (OptimizerProblems.Weight(1, 3), OptimizerProblems.Weight(2, 3));
        using var optimizer = OptimizerConfig.From(0.1, (parameters, rate) => optim.SGD(
            [new SGD.ParamGroup([parameters[0].Parameter], rate), new SGD.ParamGroup([parameters[1].Parameter], rate * 10)], rate)).Build([("body", body), ("head", head)]);
        optimizer.LearningRate = 0.01;
        body.grad = ones(3);
        head.grad = ones(3);
        optimizer.Step();
        Assert.True(body.allclose(OptimizerProblems.Fill(1, 3) - 0.01, 1e-6, 1e-7));
        Assert.True(head.allclose(OptimizerProblems.Fill(2, 3) - 0.1, 1e-6, 1e-7));
    }

    [Fact]
    public void From_OptimizerThatNeedsAClosure_IsRefused()
    {
        using var scope = NewDisposeScope();
        var config = OptimizerConfig.From(1, (parameters, rate) => optim.LBFGS(parameters.Select(item => item.Parameter), rate));
        var error = Assert.Throws<ArgumentException>(() => config.Build([("w", OptimizerProblems.Weight(1, 3))]));
        Assert.Contains("LBFGS needs the loss computed again within a step", error.Message);
    }

    [Fact]
    public void Write_ConfigOfADelegate_SaysHowToMakeOneThatCanBeSaved()
    {
        var error = Assert.Throws<InvalidOperationException>(() => ConfigJson.Write(Config("sgd")));
        Assert.Contains("OptimizerConfig.Register", error.Message);
    }

    [Fact]
    public void LoadState_OfAnotherOptimizer_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var sgd = Config("sgd").Build([("w", OptimizerProblems.Weight(1, 3))]);
        using var adam = Config("adam").Build([("w", OptimizerProblems.Weight(1, 3))]);
        using var ours = new Adam().Build([("w", OptimizerProblems.Weight(1, 3))]);
        ours.Train(0, 1);
        Assert.Contains("must come from the same optimizer", Assert.Throws<ArgumentException>(() => sgd.LoadState(adam.CopyState())).Message);
        Assert.Contains("one tensor of bytes named 'torchsharp'", Assert.Throws<ArgumentException>(() => sgd.LoadState(ours.CopyState())).Message);
    }

    private static optim.Optimizer Inner(OptimizerConfig config, IReadOnlyList<(string Name, Parameter Parameter)> parameters) =>
        ((TorchOptimizerConfig)config).Make(parameters, config.LearningRate);
}
