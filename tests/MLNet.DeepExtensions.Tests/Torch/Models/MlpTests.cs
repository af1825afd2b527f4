using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions.Tests.Torch.Models;

[Collection(nameof(Alone))]
public sealed class MlpTests
{
    [Fact]
    public void Parameters_AreNamedAfterTheirLayersNumber()
    {
        using var module = new Mlp { HiddenSizes = [5, 4], BatchNorm = true, Dropout = 0.5 }.Build(new VectorShape(3), 2);
        Assert.Equal(
            ["fc1.weight", "fc1.bias", "bn1.weight", "bn1.bias", "fc2.weight", "fc2.bias", "bn2.weight", "bn2.bias", "fc3.weight", "fc3.bias"],
            module.named_parameters().Select(parameter => parameter.name));
    }

    [Fact]
    public void NoHiddenLayer_IsALinearModel()
    {
        using var scope = NewDisposeScope();
        using var module = new Mlp { HiddenSizes = [] }.Build(new VectorShape(3), 2);
        var x = rand(4, 3);
        var weights = module.state_dict();
        Assert.True(module.call(x).allclose(F.linear(x, weights["fc1.weight"], weights["fc1.bias"])));
    }

    [Fact]
    public void Picture_IsFlattened()
    {
        using var scope = NewDisposeScope();
        using var module = new Mlp { HiddenSizes = [4] }.Build(new ImageShape(5, 6, 3), 2);
        var x = rand(2, 3, 5, 6);
        Assert.True(module.call(x).equal(module.call(x.reshape(2, -1))).all().item<bool>());
    }

    [Fact]
    public void Dropout_ActsWhileTrainingOnly()
    {
        using var scope = NewDisposeScope();
        using var module = new Mlp { HiddenSizes = [64], Dropout = 0.5 }.Build(new VectorShape(3), 2);
        var x = rand(4, 3);
        module.train();
        Assert.False(module.call(x).equal(module.call(x)).all().item<bool>());
        module.eval();
        Assert.True(module.call(x).equal(module.call(x)).all().item<bool>());
    }

    [Fact]
    public void EveryParameter_GetsAGradient_WithBatchNormAndDropoutToo()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        using var module = new Mlp { HiddenSizes = [16, 16], BatchNorm = true, Dropout = 0.1, Activation = Activation.Tanh }.Build(new VectorShape(8), 3);
        F.cross_entropy(module.call(rand(12, 8)), arange(12).remainder(3)).backward();
        // a bias before batch norm is subtracted again with the mean: its gradient is nothing but rounding
        Assert.All(module.named_parameters(), parameter => Assert.True(parameter.parameter.grad is { } grad && grad.abs().sum().ToDouble() > 0, parameter.name));
    }

    [Theory]
    [InlineData(Activation.Relu, "relu")]
    [InlineData(Activation.LeakyRelu, "leaky_relu")]
    [InlineData(Activation.Elu, "elu")]
    [InlineData(Activation.Gelu, "gelu")]
    [InlineData(Activation.GeluTanh, "gelu_new")]
    [InlineData(Activation.Silu, "silu")]
    [InlineData(Activation.Tanh, "tanh")]
    [InlineData(Activation.Sigmoid, "sigmoid")]
    public void Activation_IsTheFunctionItSays(Activation activation, string function)
    {
        using var scope = NewDisposeScope();
        foreach (var x in new[] { -1.5, -0.25, 0, 0.5, 2 })
        {
            var expected = function switch
            {
                "relu" => Math.Max(0, x),
                "leaky_relu" => x < 0 ? 0.01 * x : x,
                "elu" => x < 0 ? Math.Exp(x) - 1 : x,
                "gelu" => x * 0.5 * (1 + special.erf(tensor(x / Math.Sqrt(2), ScalarType.Float64)).ToDouble()),
                "gelu_new" => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
                "silu" => x / (1 + Math.Exp(-x)),
                "tanh" => Math.Tanh(x),
                _ => 1 / (1 + Math.Exp(-x)),
            };
            using var module = activation.Build();
            Assert.Equal(expected, module.call(tensor(x, ScalarType.Float64)).ToDouble(), 1e-12);
        }
    }

    [Fact]
    public void Activation_EachHasACaseAbove() =>
        Assert.Equal(Enum.GetValues<Activation>().Length, typeof(MlpTests).GetMethod(nameof(Activation_IsTheFunctionItSays))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Length);

    [Fact]
    public void HiddenSizeOutOfRange_IsNamedWithItsValue()
    {
        var message = Assert.Throws<ArgumentException>(() => ConfigValidation.Check(new Mlp { HiddenSizes = [8, 0] }, "model")).Message;
        Assert.Contains("model.HiddenSizes must be between 1 and 65,536", message);
        Assert.Contains("[8, 0]", message);
    }

    [Fact]
    public void Equality_ComparesTheHiddenSizesOneByOne()
    {
        Assert.Equal(new Mlp { HiddenSizes = [3, 4] }, new Mlp { HiddenSizes = [3, 4] });
        Assert.Equal(new Mlp { HiddenSizes = [3, 4] }.GetHashCode(), new Mlp { HiddenSizes = [3, 4] }.GetHashCode());
        Assert.NotEqual(new Mlp { HiddenSizes = [3, 4] }, new Mlp { HiddenSizes = [4, 3] });
        Assert.NotEqual(new Mlp { BatchNorm = true }, new Mlp());
    }
}
