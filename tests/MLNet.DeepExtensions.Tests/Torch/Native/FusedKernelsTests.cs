using MLNet.DeepExtensions.Native;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

/// <summary>One canary per export of libtorch that the optimizers reach for: another libtorch that lacks one shows here first.</summary>
public sealed class FusedKernelsTests
{
    [Theory]
    [InlineData(FusedKernels.SgdExport)]
    [InlineData(FusedKernels.AdamExport)]
    [InlineData(FusedKernels.AdamWExport)]
    public void Export_OfTheLibtorchInUse_IsThere(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names are those of Linux");
        Assert.NotEqual(0, LibTorch.Export(name));
    }

    [Theory]
    [InlineData(FusedKernels.SgdExport, typeof(Sgd))]
    [InlineData(FusedKernels.AdamExport, typeof(Adam))]
    [InlineData(FusedKernels.AdamWExport, typeof(AdamW))]
    public void Export_IsMissing_StepsWithTensorOperationsAndSaysSo(string missing, Type type)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names are those of Linux");
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 6);
        var before = weight.detach().clone();
        using var optimizer = ((OptimizerConfig)Activator.CreateInstance(type)!).Build([("w", weight)]);
        Assert.Null(optimizer.Slowdown);

        ((ElementwiseOptimizer)optimizer).Kernels = new FusedKernels(name => name == missing ? 0 : LibTorch.Export(name));

        Assert.Contains($"does not export the fused kernel of {type.Name}", optimizer.Slowdown);
        optimizer.Train(0, 3);
        Assert.False(OptimizerProblems.BitEqual(before, weight));
    }

    [Fact]
    public void Export_OfOneKernelIsMissing_LeavesTheOthers()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names are those of Linux");
        var kernels = new FusedKernels(name => name == FusedKernels.AdamExport ? 0 : LibTorch.Export(name));
        Assert.Equal((true, false, true), (kernels.HasSgd, kernels.HasAdam, kernels.HasAdamW));
    }
}
