using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Sequence;

[Collection(nameof(Alone))]
public sealed class TemporalConvNetTests
{
    [Fact]
    public void AStep_SeesItselfAndAsManyBeforeIt_AsThePaperSays()
    {
        using var scope = NewDisposeScope();
        using var module = new TemporalConvNet { Widths = [6, 6, 6], KernelSize = 3, Dropout = 0, Pooling = Pooling.None }.Build(new SequenceShape(2, 60), 4);
        const int step = 50, field = 2 * (3 - 1) * (8 - 1);
        using (no_grad())
            foreach (var (name, parameter) in module.named_parameters())
                parameter.copy_(name.EndsWith("bias") ? parameter : parameter.abs());           // positive weights of positive numbers: nothing cancels, no ReLU is shut
        var x = rand(1, 60, 2).requires_grad_();
        module.call(x)[0, step].sum().backward();
        var seen = x.grad![0].abs().sum(1).ne(0).data<bool>().ToArray();
        Assert.Equal(Enumerable.Range(0, 60).Select(i => i >= step - field && i <= step), seen);
    }

    [Fact]
    public void WeightNorm_ChangesTheFormAndNotTheFunction()
    {
        using var scope = NewDisposeScope();
        var config = new TemporalConvNet { Widths = [5, 5], Dropout = 0 };
        random.manual_seed(3);
        using var normed = config.Build(new SequenceShape(2), 4);
        random.manual_seed(3);
        using var plain = (config with { WeightNorm = false }).Build(new SequenceShape(2), 4);
        var x = randn(3, 11, 2);
        Assert.InRange((normed.call(x) - plain.call(x)).abs().max().ToDouble(), 0, 1e-6);
        Assert.Contains("network.1.conv2.weight_g", normed.state_dict().Keys);
        Assert.Equal([5, 1, 1], normed.state_dict()["network.1.conv2.weight_g"].shape);
        Assert.Contains("network.0.downsample.weight", normed.state_dict().Keys);
        Assert.DoesNotContain("network.1.downsample.weight", normed.state_dict().Keys);
    }
}
