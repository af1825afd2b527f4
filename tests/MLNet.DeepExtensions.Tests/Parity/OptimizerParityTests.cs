using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Parity;

public sealed class OptimizerParityTests
{
    public static TheoryData<string, OptimizerConfig, float[][], bool> Paths
    {
        get
        {
            var data = new TheoryData<string, OptimizerConfig, float[][], bool>();
            foreach (var fused in new[] { true, false })
            {
                data.Add("sgd", new Sgd { LearningRate = 0.1 }, OptimizerPaths.Sgd, fused);
                data.Add("sgd, Nesterov", new Sgd { LearningRate = 0.1, Momentum = 0.9, Nesterov = true }, OptimizerPaths.SgdMomentumNesterov, fused);
                data.Add("sgd, weight decay", new Sgd { LearningRate = 0.1, WeightDecay = 0.01 }, OptimizerPaths.SgdWeightDecay, fused);
                data.Add("adam", new Adam { LearningRate = 0.01 }, OptimizerPaths.Adam, fused);
                data.Add("adam, AMSGrad", new Adam { LearningRate = 0.01, AmsGrad = true }, OptimizerPaths.AdamAmsGrad, fused);
                // weight decay 0.01 is the default, there as here
                data.Add("adamw", new AdamW { LearningRate = 0.01 }, OptimizerPaths.AdamW, fused);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Step_SixNumbersTowardsATarget_GoesPyTorchsWay(string name, OptimizerConfig config, float[][] path, bool fused)
    {
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 6);
        var target = OptimizerProblems.Fill(2, 6);
        using var optimizer = config.Build([("w", weight)]);
        if (!fused)
            optimizer.WithoutKernels();

        foreach (var (expected, step) in path.Select((row, index) => (row, index + 1)))
        {
            optimizer.ZeroGrad();
            (weight - target).pow(2).sum().backward();
            optimizer.Step();
            var actual = weight.data<float>().ToArray();
            for (var i = 0; i < 6; i++)
                Assert.True(Math.Abs(actual[i] - expected[i]) <= 1e-6, $"{name}, step {step}, element {i}: {actual[i]} instead of PyTorch's {expected[i]}");
        }
    }
}
