using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>A weight of six numbers, sin(0.1 i + 1), after each step with the loss sum((w - target)²), target sin(0.1 i + 2).</summary>
public sealed class OptimizerParityTests
{
    public static TheoryData<string, OptimizerConfig, bool> Paths
    {
        get
        {
            var data = new TheoryData<string, OptimizerConfig, bool>();
            foreach (var fused in new[] { true, false })
            {
                data.Add("sgd", new Sgd { LearningRate = 0.1 }, fused);
                data.Add("sgd_momentum_nesterov", new Sgd { LearningRate = 0.1, Momentum = 0.9, Nesterov = true }, fused);
                data.Add("sgd_weight_decay", new Sgd { LearningRate = 0.1, WeightDecay = 0.01 }, fused);
                data.Add("adam", new Adam { LearningRate = 0.01 }, fused);
                data.Add("adam_amsgrad", new Adam { LearningRate = 0.01, AmsGrad = true }, fused);
                // weight decay 0.01 is the default, there as here
                data.Add("adamw", new AdamW { LearningRate = 0.01 }, fused);
                data.Add("adagrad", new Adagrad(), fused);
            }
            data.Add("rmsprop", new RmsProp(), false);
            data.Add("rmsprop_centered_momentum", new RmsProp { Centered = true, Momentum = 0.9 }, false);
            data.Add("adadelta", new Adadelta(), false);
            data.Add("radam", new RAdam { LearningRate = 0.01 }, false);
            data.Add("adamax", new Adamax { LearningRate = 0.01 }, false);
            return data;
        }
    }

    /// <summary>What is held, for <see cref="ParityCompleteness"/>.</summary>
    internal static IEnumerable<(string Name, Type Config)> Held => Paths.Select(row => (row.Data.Item1, row.Data.Item2.GetType()));

    [Theory, MemberData(nameof(Paths))]
    public void Step_SixNumbersTowardsATarget_GoesPyTorchsWay(string name, OptimizerConfig config, bool fused)
    {
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 6);
        var target = OptimizerProblems.Fill(2, 6);
        using var optimizer = config.Build([("w", weight)]);
        if (!fused)
            optimizer.WithoutKernels();

        foreach (var (expected, step) in TrainingNumbers.Path(name).Select((row, index) => (row, index + 1)))
        {
            optimizer.ZeroGrad();
            (weight - target).pow(2).sum().backward();
            optimizer.Step();
            var actual = weight.data<float>().ToArray();
            for (var i = 0; i < 6; i++)
                Assert.True(Math.Abs(actual[i] - expected[i]) <= 2e-6 * Math.Abs(expected[i]), $"{name}, step {step}, element {i}: {actual[i]} instead of PyTorch's {expected[i]}");
        }
    }

    /// <summary>
    /// PyTorch 1.13 multiplied one momentum too many into the divisor of NAdam's second term, which PyTorch 2 corrected. The rule by hand reproduces
    /// 1.13's numbers with that factor; without it, it is the paper's, PyTorch 2's and ours.
    /// </summary>
    [Fact, Holds("nadam")]
    public void NAdam_FollowsThePapersRule()
    {
        foreach (var (row, expected) in TrainingNumbers.Path("nadam").Zip(NAdamByHand(old: true)))
            Assert.Equal(row, expected, (a, b) => Math.Abs(a - b) <= 1e-6);
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 6);
        using var optimizer = new NAdam { LearningRate = 0.01 }.Build([("w", weight)]);
        foreach (var expected in NAdamByHand(old: false))
        {
            optimizer.ZeroGrad();
            (weight - OptimizerProblems.Fill(2, 6)).pow(2).sum().backward();
            optimizer.Step();
            Assert.Equal(expected, weight.data<float>().ToArray().Select(value => (double)value), (a, b) => Math.Abs(a - b) <= 1e-6);
        }
    }

    private static IEnumerable<double[]> NAdamByHand(bool old)
    {
        double[] weight = [.. Enumerable.Range(0, 6).Select(i => Math.Sin(0.1 * i + 1))], average = new double[6], square = new double[6];
        var product = 1.0;
        for (var step = 1; step <= 8; step++)
        {
            var (now, next) = (Momentum(step), Momentum(step + 1));
            product *= now;
            for (var i = 0; i < 6; i++)
            {
                var gradient = 2 * (weight[i] - Math.Sin(0.1 * i + 2));
                average[i] = 0.9 * average[i] + 0.1 * gradient;
                square[i] = 0.999 * square[i] + 0.001 * gradient * gradient;
                var divisor = Math.Sqrt(square[i] / (1 - Math.Pow(0.999, step))) + 1e-8;
                weight[i] -= 0.01 * ((1 - now) / (1 - product) * gradient + next / (1 - product * next * (old ? now : 1)) * average[i]) / divisor;
            }
            yield return [.. weight];
        }

        static double Momentum(int step) => 0.9 * (1 - 0.5 * Math.Pow(0.96, step * 0.004));
    }

    /// <summary>PyTorch 1.13 has no Lion: its rule (Chen et al. 2023, algorithm 2) by hand.</summary>
    [Fact]
    public void Lion_FollowsThePapersRule()
    {
        var config = new Lion { LearningRate = 0.01, WeightDecay = 0.1 };
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 6);
        var (expected, target, momentum) = (weight.data<float>().ToArray().Select(value => (double)value).ToArray(), OptimizerProblems.Fill(2, 6).data<float>().ToArray(), new double[6]);
        using var optimizer = config.Build([("w", weight)]);
        for (var step = 0; step < 60; step++)
        {
            optimizer.ZeroGrad();
            (weight - tensor(target)).pow(2).sum().backward();
            optimizer.Step();
            for (var i = 0; i < 6; i++)
            {
                var gradient = 2 * (expected[i] - target[i]);
                var direction = Math.Sign(0.9 * momentum[i] + 0.1 * gradient);
                expected[i] = expected[i] * (1 - 0.01 * 0.1) - 0.01 * direction;
                momentum[i] = 0.99 * momentum[i] + 0.01 * gradient;
                Assert.Equal(expected[i], weight.data<float>()[i], 1e-5);
            }
        }
    }
}
