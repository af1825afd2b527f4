using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

/// <summary>What a step refuses, and what it then says.</summary>
public sealed class OptimizerRefusalTests
{
    [Fact]
    public void Step_SparseGradient_AdamNamesTheParameterAndTheCure()
    {
        using var scope = NewDisposeScope();
        var (first, table) = (OptimizerProblems.Weight(1, 4), OptimizerProblems.Table(sparse: true));
        using var optimizer = new Adam().Build([("first", first), ("embedding.weight", table.weight!)]);
        first.grad = ones(4);
        table.forward(tensor(new long[] { 1, 3 })).sum().backward();
        var error = Assert.Throws<InvalidOperationException>(optimizer.Step);
        Assert.Contains("The gradient of 'embedding.weight' is sparse, which Adam does not take. Build the embedding with sparse: false, or use Sgd.", error.Message);
        // nothing was changed by the step that failed
        Assert.True(OptimizerProblems.BitEqual(OptimizerProblems.Fill(1, 4), first));
        Assert.Empty(optimizer.CopyState());
    }

    [Fact]
    public void Step_GradientOfAnotherShape_SaysBoth()
    {
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 4, 3);
        using var optimizer = new Sgd().Build([("fc.weight", weight)]);
        weight.grad = ones(3, 4);
        var error = Assert.Throws<InvalidOperationException>(optimizer.Step);
        Assert.Contains("The gradient of 'fc.weight' is Float32 [3, 4] on cpu, but the parameter is Float32 [4, 3] on cpu.", error.Message);
    }

    [Fact]
    public void Step_GradientOfAnotherType_SaysBoth()
    {
        using var scope = NewDisposeScope();
        var weight = OptimizerProblems.Weight(1, 4);
        using var optimizer = new Adam().Build([("w", weight)]);
        weight.grad = ones(4, ScalarType.Float64);
        var error = Assert.Throws<InvalidOperationException>(optimizer.Step);
        Assert.Contains("is Float64 [4] on cpu, but the parameter is Float32 [4] on cpu", error.Message);
    }

    [Fact]
    public void Step_ModuleConvertedAfterBuild_SaysInWhichOrder()
    {
        using var scope = NewDisposeScope();
        var module = nn.Linear(3, 2);
        using var optimizer = new Sgd().Build(module.named_parameters());
        module.to(ScalarType.Float64);
        module.forward(ones(1, 3, ScalarType.Float64)).sum().backward();
        var error = Assert.Throws<InvalidOperationException>(optimizer.Step);
        Assert.Contains("then build the optimizer", error.Message);
    }

    [Fact]
    public void Step_ComplexParameter_SaysWhatIsTrained()
    {
        using var scope = NewDisposeScope();
        var weight = new Parameter(ones(2, ScalarType.ComplexFloat32));
        using var optimizer = new AdamW().Build([("w", weight)]);
        weight.grad = ones(2, ScalarType.ComplexFloat32);
        var error = Assert.Throws<NotSupportedException>(optimizer.Step);
        Assert.Contains("'w' is ComplexFloat32 [2] on cpu, but AdamW trains floating point numbers", error.Message);
    }

    [Fact]
    public void Step_AfterDispose_IsRefused()
    {
        using var scope = NewDisposeScope();
        var optimizer = new Adam().Build([("w", OptimizerProblems.Weight(1, 6))]);
        optimizer.Dispose();
        Assert.Throws<ObjectDisposedException>(optimizer.Step);
        Assert.Throws<ObjectDisposedException>(() => optimizer.LoadState(new Dictionary<string, Tensor>()));
    }
}
