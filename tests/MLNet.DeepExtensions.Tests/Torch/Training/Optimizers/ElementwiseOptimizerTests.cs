using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNet.DeepExtensions.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

public sealed class ElementwiseOptimizerTests
{
    public static TheoryData<OptimizerConfig> Odd => OptimizerProblems.Odd;

    /// <summary>Layouts as modules have them and some that they never have.</summary>
    public static IEnumerable<(string Name, Func<Tensor> Make)> Layouts =>
    [
        ("matrix", () => OptimizerProblems.Fill(1, 7, 33)),
        ("vector", () => OptimizerProblems.Fill(2, 17)),
        ("scalar", () => OptimizerProblems.Fill(3, 1).squeeze()),
        ("empty", () => OptimizerProblems.Fill(4, 0, 3)),
        ("transposed", () => OptimizerProblems.Fill(5, 9, 5).t()),
        ("channels last", () => OptimizerProblems.Fill(6, 4, 3, 3, 2).permute(0, 3, 1, 2)),
        ("pointwise", () => OptimizerProblems.Fill(7, 8, 4, 1, 1)),
        ("every second row", () => OptimizerProblems.Fill(8, 6, 5).slice(0, 0, 6, 2)),
        ("double", () => OptimizerProblems.Fill(9, 4, 4).to(ScalarType.Float64)),
    ];

    [Theory]
    [MemberData(nameof(Odd))]
    public void Step_KernelsOrTensorOperations_SameNumbersInEveryLayout(OptimizerConfig config)
    {
        using var scope = NewDisposeScope();
        using var fused = config.Build(Layouts.Select(layout => (layout.Name, new Parameter(layout.Make()))));
        using var plain = config.Build(Layouts.Select(layout => (layout.Name, new Parameter(layout.Make()))));
        plain.WithoutKernels();
        fused.Train(0, 6);
        plain.Train(0, 6);
        foreach (var ((name, a), (_, b)) in fused.Parameters.Zip(plain.Parameters))
            Assert.True(a.allclose(b, 1e-5, 1e-6), name);
        foreach (var (name, value) in plain.CopyState().Where(item => item.Value.is_floating_point()))
            Assert.True(value.allclose(fused.CopyState()[name], 1e-5, 1e-6), name);
    }

    [Fact]
    public unsafe void Step_ManyParameters_OneKernelCallForAllOfAType()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names of the exports are those of Linux");
        using var scope = NewDisposeScope();
        using var optimizer = new Sgd().Build([.. Layouts.Select(layout => (layout.Name, new Parameter(layout.Make()))), ("half", new Parameter(ones(3, ScalarType.BFloat16)))]);
        ((ElementwiseOptimizer)optimizer).Kernels = new FusedKernels(name =>
            name == FusedKernels.SgdExport ? (nint)(delegate* unmanaged[Cdecl]<List, List, List, double, double, double, double, byte, byte, byte, nint, nint, void>)&Record : LibTorch.Export(name));
        calls = [];
        optimizer.Train(0, 2);
        // float32 but for the rows with gaps and the half-precision one, which go by tensor operations; float64
        Assert.Equal([7, 1, 7, 1], calls);
    }

    [ThreadStatic]
    private static List<long>? calls;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Record(List parameters, List gradients, List buffers, double decay, double momentum, double rate, double dampening, byte nesterov, byte maximize, byte first, nint scale, nint found) =>
        calls!.Add(parameters.Length == gradients.Length && buffers.Length == 0 ? parameters.Length : -1);

    // c10::ArrayRef
    private readonly record struct List(nint Data, nint Length);

    [Theory]
    [MemberData(nameof(Odd))]
    public void Step_HalfPrecision_IsThatOfTensorOperations(OptimizerConfig config)
    {
        using var scope = NewDisposeScope();
        using var optimizer = config.Build([("w", new Parameter(OptimizerProblems.Fill(1, 5, 3).to(ScalarType.BFloat16)))]);
        using var plain = config.Build([("w", new Parameter(OptimizerProblems.Fill(1, 5, 3).to(ScalarType.BFloat16)))]);
        plain.WithoutKernels();
        optimizer.Train(0, 4);
        plain.Train(0, 4);
        Assert.True(OptimizerProblems.BitEqual(plain.Parameters[0].Parameter, optimizer.Parameters[0].Parameter));
        Assert.Equal(ScalarType.BFloat16, optimizer.Parameters[0].Parameter.dtype);
    }

    [Theory]
    [MemberData(nameof(Odd))]
    public void Step_ParameterWithoutGradient_IsSkippedAndStartsLaterAtItsOwnFirstStep(OptimizerConfig config)
    {
        using var scope = NewDisposeScope();
        var (always, late, frozen) = (OptimizerProblems.Weight(1, 6), OptimizerProblems.Weight(2, 5), OptimizerProblems.Weight(3, 4));
        var frozenBefore = frozen.detach().clone();
        frozen.requires_grad = false;
        using var both = config.Build([("always", always), ("late", late), ("frozen", frozen)]);
        late.requires_grad = false;
        both.Train(0, 3);
        Assert.True(OptimizerProblems.BitEqual(OptimizerProblems.Fill(2, 5), late));
        late.requires_grad = true;
        both.Train(3, 6);

        // the same steps in optimizers of their own
        var (alone, aloneLate) = (OptimizerProblems.Weight(1, 6), OptimizerProblems.Weight(2, 5));
        using var first = config.Build([("always", alone)]);
        using var second = config.Build([("late", aloneLate)]);
        first.Train(0, 6);
        second.Train(3, 6);
        Assert.True(OptimizerProblems.BitEqual(alone, always));
        Assert.True(OptimizerProblems.BitEqual(aloneLate, late));
        Assert.True(OptimizerProblems.BitEqual(frozenBefore, frozen));
        Assert.DoesNotContain(both.CopyState().Keys, key => key.StartsWith("frozen", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_LearningRateOfASchedule_HoldsFromTheNextStepOn(bool fused)
    {
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 6);
        using var optimizer = new Sgd { LearningRate = 0.5 }.Build([("w", weight)]);
        if (!fused)
            optimizer.WithoutKernels();
        optimizer.LearningRate = 0;
        optimizer.Train(0, 1);
        Assert.True(OptimizerProblems.BitEqual(OptimizerProblems.Fill(1, 6), weight));
        optimizer.LearningRate = 0.5;
        optimizer.Train(1, 2);
        // half of the gradient 2 (w - target) leads to the target
        Assert.True(weight.allclose(OptimizerProblems.Fill(2, 6), 1e-6, 1e-6));
    }

    [Fact]
    public void Step_SgdWithMomentum_IsBitEqualToTorchSharps()
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (OptimizerProblems.Weight(1, 40, 30), OptimizerProblems.Weight(1, 40, 30));
        using var optimizer = new Sgd { LearningRate = 0.03, Momentum = 0.9 }.Build([("w", ours)]);
        using var reference = optim.SGD([theirs], 0.03, 0.9);
        for (var step = 0; step < 20; step++)
        {
            optimizer.Train(step, step + 1);
            reference.zero_grad();
            (theirs - OptimizerProblems.Fill(step * 2, 40, 30)).pow(2).sum().to(ScalarType.Float64).backward();
            reference.step();
            Assert.True(OptimizerProblems.BitEqual(theirs, ours), $"step {step}");
        }
    }

    [Theory]
    [MemberData(nameof(Odd))]
    public void Step_GradientOfOtherStrides_IsReadElementByElement(OptimizerConfig config)
    {
        using var scope = NewDisposeScope();
        var (straight, turned) = (OptimizerProblems.Weight(1, 4, 6), OptimizerProblems.Weight(1, 4, 6));
        using var a = config.Build([("w", straight)]);
        using var b = config.Build([("w", turned)]);
        straight.grad = OptimizerProblems.Fill(2, 4, 6);
        turned.grad = OptimizerProblems.Fill(2, 4, 6).t().contiguous().t();
        Assert.NotEqual(straight.grad!.stride(), turned.grad!.stride());
        a.Step();
        b.Step();
        Assert.True(OptimizerProblems.BitEqual(straight, turned));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_StartedInInferenceMode_GoesOnOutside(bool fused)
    {
        using var scope = NewDisposeScope();
        using var optimizer = new Adam().Build([("w", OptimizerProblems.Weight(1, 6))]);
        using var ordinary = new Adam().Build([("w", OptimizerProblems.Weight(1, 6))]);
        if (!fused)
        {
            optimizer.WithoutKernels();
            ordinary.WithoutKernels();
        }
        // a callback that replaces gradients may well do so
        using (inference_mode())
        {
            optimizer.Parameters[0].Parameter.grad = OptimizerProblems.Fill(2, 6);
            optimizer.Step();
        }
        ordinary.Parameters[0].Parameter.grad = OptimizerProblems.Fill(2, 6);
        ordinary.Step();
        optimizer.Train(1, 3);
        ordinary.Train(1, 3);
        Assert.True(OptimizerProblems.BitEqual(ordinary.Parameters[0].Parameter, optimizer.Parameters[0].Parameter));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_SparseGradient_SgdTakesItAsADenseOne(bool fused)
    {
        using var scope = NewDisposeScope();
        var (sparseTable, denseTable) = (OptimizerProblems.Table(sparse: true), OptimizerProblems.Table(sparse: false));
        var (sparse, dense) = (sparseTable.weight!, denseTable.weight!);
        var config = new Sgd { LearningRate = 0.1, Momentum = 0.9 };
        using var a = config.Build([("embedding.weight", sparse)]);
        using var b = config.Build([("embedding.weight", dense)]);
        if (!fused)
            a.WithoutKernels();
        for (var step = 0; step < 3; step++)
        {
            a.ZeroGrad();
            b.ZeroGrad();
            sparseTable.forward(tensor(new long[] { 1, 3, 1 })).pow(2).sum().backward();
            denseTable.forward(tensor(new long[] { 1, 3, 1 })).pow(2).sum().backward();
            Assert.True(sparse.grad!.is_sparse);
            a.Step();
            b.Step();
        }
        Assert.True(sparse.allclose(dense, 1e-6, 1e-7));
    }

    [Theory]
    [MemberData(nameof(Odd))]
    public void Step_OutsideOfAnyScope_LeavesNoLiveTensor(OptimizerConfig config)
    {
        var statistics = DisposeScopeManager.Statistics;
        using (var matrix = OptimizerProblems.Weight(1, 4, 6))
        using (var half = new Parameter(ones(4, ScalarType.BFloat16)))
        using (var optimizer = config.Build([("matrix", matrix), ("half", half)]))
        {
            using (var gradient = ones(6, 4))
            using (var turned = gradient.t())
                matrix.grad = turned;
            using (var gradient = ones(4, ScalarType.BFloat16))
                half.grad = gradient;
            optimizer.Step();
            var before = statistics.ThreadTotalLiveCount;
            optimizer.Step();
            optimizer.Step();
            Assert.Equal(before, statistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void ZeroGrad_TakesGradientsAwayInsteadOfZeroingThem()
    {
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 4);
        using var optimizer = new Sgd().Build([("w", weight)]);
        weight.sum().backward();
        Assert.NotNull(weight.grad);
        optimizer.ZeroGrad();
        Assert.Null(weight.grad);
    }
}
