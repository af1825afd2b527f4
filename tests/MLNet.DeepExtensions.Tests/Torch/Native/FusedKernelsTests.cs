using MLNet.DeepExtensions.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

/// <summary>One canary per export of libtorch that the optimizers reach for: another libtorch that lacks one shows here first.</summary>
[Collection(nameof(Alone))]
public sealed class FusedKernelsTests
{
    [Theory]
    [InlineData(FusedKernels.SgdExport)]
    [InlineData(FusedKernels.AdamExport)]
    [InlineData(FusedKernels.AdamWExport)]
    [InlineData(FusedKernels.AdagradExport)]
    public void Export_OfTheLibtorchInUse_IsThere(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names are those of Linux");
        Assert.NotEqual(0, LibTorch.Export(name));
    }

    [Theory]
    [InlineData(FusedKernels.SgdExport, typeof(Sgd))]
    [InlineData(FusedKernels.AdamExport, typeof(Adam))]
    [InlineData(FusedKernels.AdamWExport, typeof(AdamW))]
    [InlineData(FusedKernels.AdagradExport, typeof(Adagrad))]
    public void Export_IsMissing_StepsWithTensorOperationsAndSaysSo(string missing, Type type)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names are those of Linux");
        using var scope = NewDisposeScope();
        var (weight, withKernels) = (OptimizerProblems.Weight(1, 6), OptimizerProblems.Weight(1, 6));
        var before = weight.detach().clone();
        using var optimizer = ((OptimizerConfig)Activator.CreateInstance(type)!).Build([("w", weight)]);
        using var fused = ((OptimizerConfig)Activator.CreateInstance(type)!).Build([("w", withKernels)]);
        Assert.Null(optimizer.Slowdown);

        ((ElementwiseOptimizer)optimizer).Kernels = new FusedKernels(name => name == missing ? 0 : LibTorch.Export(name));

        Assert.Contains($"does not export the fused kernel of {type.Name}", optimizer.Slowdown);
        optimizer.Train(0, 3);
        fused.Train(0, 3);
        Assert.False(OptimizerProblems.BitEqual(before, weight));
        Assert.True(weight.allclose(withKernels, 1e-6, 1e-7));
    }

    [Fact]
    public void Export_OfOneKernelIsMissing_LeavesTheOthers()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names are those of Linux");
        var kernels = new FusedKernels(name => name == FusedKernels.AdamExport ? 0 : LibTorch.Export(name));
        Assert.Equal((true, false, true, true), (kernels.HasSgd, kernels.HasAdam, kernels.HasAdamW, kernels.HasAdagrad));
    }

    public static TheoryData<OptimizerConfig> WithKernels => [new Sgd { LearningRate = 0.1, Momentum = 0.9 }, new Adam { LearningRate = 0.01 }, new AdamW { LearningRate = 0.01 }, new Adagrad { LearningRate = 0.1 }];

    /// <summary>What runs where an export is missing, on a whole network: the numbers are those of TorchSharp's own optimizers.</summary>
    [Theory, MemberData(nameof(WithKernels))]
    public void AllExportsAreMissing_ANetworkLearnsTheSame_AsWithTorchSharpsOwn(OptimizerConfig config)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (Network(), Network());
        using var optimizer = config.Build(ours.named_parameters());
        optimizer.WithoutKernels();
        optim.Optimizer own = config switch
        {
            Sgd sgd => optim.SGD(theirs.parameters(), sgd.LearningRate, sgd.Momentum),
            AdamW adamW => optim.AdamW(theirs.parameters(), adamW.LearningRate, weight_decay: adamW.WeightDecay),
            Adam adam => optim.Adam(theirs.parameters(), adam.LearningRate),
            _ => optim.Adagrad(theirs.parameters(), config.LearningRate),
        };
        using var _ = own;
        var (input, target) = (OptimizerProblems.Fill(1, 12, 5), arange(12).remainder(3));
        for (var step = 0; step < 10; step++)
        {
            optimizer.ZeroGrad();
            nn.functional.cross_entropy(ours.call(input), target).backward();
            optimizer.Step();
            own.zero_grad();
            nn.functional.cross_entropy(theirs.call(input), target).backward();
            own.step();
        }
        foreach (var ((name, a), (_, b)) in ours.named_parameters().Zip(theirs.named_parameters()))
            Assert.True(a.allclose(b, 1e-5, 1e-6), name);

        static nn.Module<Tensor, Tensor> Network()
        {
            random.manual_seed(3);
            return new Mlp { HiddenSizes = [7], BatchNorm = true }.Build(new VectorShape(5), 3);
        }
    }
}
