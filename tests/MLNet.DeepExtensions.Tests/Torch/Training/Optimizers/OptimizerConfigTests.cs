using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

public sealed class OptimizerConfigTests
{
    public static TheoryData<OptimizerConfig, string> Wrong => new()
    {
        { new Sgd { LearningRate = -0.1 }, "Sgd.LearningRate must be between 0 and 100. It is -0.1." },
        { new Sgd { LearningRate = double.NaN }, "Sgd.LearningRate must be between 0 and 100. It is NaN." },
        { new Adam { LearningRate = 1000 }, "Adam.LearningRate must be between 0 and 100. It is 1000." },
        { new Sgd { Momentum = 1.1 }, "Sgd.Momentum must be between 0 and 1. It is 1.1." },
        { new Sgd { Momentum = 0.9, Dampening = -1 }, "Sgd.Dampening must be between 0 and 1. It is -1." },
        { new Sgd { WeightDecay = -1e-4 }, "Sgd.WeightDecay must be between 0 and 100. It is -0.0001." },
        { new Sgd { Nesterov = true }, "Sgd: Nesterov needs Momentum above 0 and Dampening 0. Set Momentum = 0.9, or leave Nesterov out." },
        { new Sgd { Nesterov = true, Momentum = 0.9, Dampening = 0.1 }, "Sgd: Nesterov needs Momentum above 0 and Dampening 0." },
        { new Adam { Beta1 = 1 }, "Adam.Beta1 must be between 0 and 1 exclusive. It is 1." },
        { new AdamW { Beta2 = -0.5 }, "AdamW.Beta2 must be between 0 and 1 exclusive. It is -0.5." },
        { new AdamW { Epsilon = 2 }, "AdamW.Epsilon must be between 0 and 1. It is 2." },
        { new AdamW { WeightDecay = double.PositiveInfinity }, "AdamW.WeightDecay must be between 0 and 100. It is Infinity." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Build_OptionOutOfItsRange_NamesOptionRangeAndValue(OptimizerConfig config, string message)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => config.Build([("w", OptimizerProblems.Weight(1, 2))]));
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Build_SeveralOptionsOutOfRange_NamesAll()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => new Adam { Beta1 = 2, Epsilon = -1 }.Build([("w", OptimizerProblems.Weight(1, 2))]));
        Assert.Contains("Adam.Beta1", error.Message);
        Assert.Contains("Adam.Epsilon", error.Message);
    }

    [Fact]
    public void Build_NothingToTrain_SaysWhatToPass()
    {
        var error = Assert.Throws<ArgumentException>(() => new Sgd().Build([]));
        Assert.Contains("no parameters to train. Pass module.named_parameters()", error.Message);
    }

    [Fact]
    public void Build_TwoParametersOfOneName_NamesIt()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => new Sgd().Build([("w", OptimizerProblems.Weight(1, 2)), ("w", OptimizerProblems.Weight(2, 2))]));
        Assert.Contains("Two parameters are named 'w'", error.Message);
    }

    [Fact]
    public void Build_TiedWeights_AreTrainedOnceUnderTheirFirstName()
    {
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 2);
        using var optimizer = new Sgd().Build([("embedding.weight", weight), ("head.weight", weight)]);
        Assert.Equal(["embedding.weight"], optimizer.Parameters.Select(item => item.Name));
    }

    [Fact]
    public void Build_Defaults_AreTheRecordsOwn()
    {
        using var scope = NewDisposeScope();
        using var optimizer = new AdamW { LearningRate = 0.25 }.Build([("w", OptimizerProblems.Weight(1, 2))]);
        Assert.Equal(0.25, optimizer.LearningRate);
        Assert.Equal(0.01, new AdamW().WeightDecay);
        Assert.Equal(0, new Adam().WeightDecay);
        Assert.Equal(1e-3, new Sgd().LearningRate);
    }

    [Fact]
    public void Register_OwnOptimizer_IsWrittenAndReadByItsName()
    {
        OptimizerConfig.Register<SignDescent>("test-sign-descent");
        var json = ConfigJson.Write<OptimizerConfig>(new SignDescent { LearningRate = 0.5 });
        Assert.Contains("\"type\": \"test-sign-descent\"", System.Text.Encoding.UTF8.GetString(json));
        Assert.Equal(new SignDescent { LearningRate = 0.5 }, ConfigJson.Read<OptimizerConfig>(json));
    }

    [Fact]
    public void Read_OptionOutOfItsRange_IsRefused()
    {
        var error = Assert.Throws<InvalidModelFileException>(() => ConfigJson.Read<OptimizerConfig>("""{ "type": "adam", "beta1": 7 }"""u8));
        Assert.Contains("Beta1 must be between 0 and 1", error.Message);
    }

    [Theory]
    [InlineData(-1e-9)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void LearningRate_IsNoFiniteNumberOfZeroOrMore_IsRefused(double rate)
    {
        using var scope = NewDisposeScope();
        using var optimizer = new Sgd().Build([("w", OptimizerProblems.Weight(1, 2))]);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.LearningRate = rate);
        Assert.Contains("finite number, 0 or more", error.Message);
        Assert.Equal(1e-3, optimizer.LearningRate);
    }

    /// <summary>What a user would write: everything it needs is public.</summary>
    public sealed record SignDescent : OptimizerConfig
    {
        public override double LearningRate { get; init; } = 0.01;

        protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) => new Rule(parameters, LearningRate);

        private sealed class Rule(IReadOnlyList<(string Name, Parameter Parameter)> parameters, double learningRate) : Optimizer(parameters, learningRate)
        {
            public override void Step()
            {
                using var noGrad = no_grad();
                using var scope = NewDisposeScope();
                foreach (var (_, parameter) in Parameters)
                    if (parameter.grad is { } gradient)
                        parameter.add_(gradient.sign(), alpha: -LearningRate);
            }

            public override IReadOnlyDictionary<string, Tensor> CopyState() => new Dictionary<string, Tensor>();

            public override void LoadState(IReadOnlyDictionary<string, Tensor> state)
            {
            }
        }
    }
}
