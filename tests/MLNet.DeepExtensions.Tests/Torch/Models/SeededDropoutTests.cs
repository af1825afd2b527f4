using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models;

[Collection(nameof(Alone))]
public sealed class SeededDropoutTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 0.1)]
    [InlineData(ScalarType.Float32, 0.5)]
    [InlineData(ScalarType.BFloat16, 0.1)]
    [InlineData(ScalarType.BFloat16, 0.9)]
    public void Dropout_ZeroesItsShare_AndTheRestGrowsByIt(ScalarType type, double probability)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var numbers = SeededDropout.Apply(ones(1001, 1003).to(type), probability).to(ScalarType.Float32).data<float>().ToArray();
        var dropped = numbers.Count(number => number == 0) / (double)numbers.Length;
        // five standard deviations of a million throws
        Assert.InRange(dropped, probability - 5 * Math.Sqrt(probability * (1 - probability) / numbers.Length), probability + 5 * Math.Sqrt(probability * (1 - probability) / numbers.Length));
        // bfloat16 has eight bits
        Assert.All(numbers.Where(number => number != 0).Distinct(), number => Assert.Equal(1 / (1 - probability), number, type == ScalarType.Float32 ? 1e-5 : 1.0 / 256 / (1 - probability)));
    }

    [Fact]
    public void Neighbours_InAnyDistance_AreDroppedIndependently()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var isDropped = SeededDropout.Apply(ones(1 << 20), 0.5).data<float>().ToArray().Select(number => number == 0).ToArray();
        foreach (var distance in (int[])[1, 2, 3, 4, 7, 8, 16, 64, 256, 1000, 65536])
        {
            var alike = Enumerable.Range(0, isDropped.Length - distance).Count(i => isDropped[i] == isDropped[i + distance]) / (double)(isDropped.Length - distance);
            Assert.InRange(alike, 0.4975, 0.5025);
        }
    }

    [Fact]
    public void Masks_DependOnTorchsGenerator_AndDifferFromCallToCall()
    {
        using var scope = NewDisposeScope();
        float[] Draw() => SeededDropout.Apply(ones(1000), 0.5).data<float>().ToArray();
        manual_seed(3);
        var (first, second) = (Draw(), Draw());
        Assert.InRange(first.Zip(second).Count(pair => pair.First == pair.Second), 400, 600);
        manual_seed(3);
        Assert.Equal(first, Draw());
        Assert.Equal(second, Draw());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(17)]
    public void NumbersBehindTheLastWholeVector_AreDroppedToo(int count)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
        {
            var zeros = new int[count];
            for (var draw = 0; draw < 400; draw++)
                foreach (var (i, number) in SeededDropout.Apply(ones(count).to(type), 0.5).to(ScalarType.Float32).data<float>().ToArray().Index())
                    zeros[i] += number == 0 ? 1 : 0;
            Assert.All(zeros, times => Assert.InRange(times, 140, 260));
        }
    }

    [Fact]
    public void Gradients_FlowThroughWhatWasKept()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var input = ones(100).requires_grad_();
        var output = SeededDropout.Apply(input, 0.25);
        output.sum().backward();
        Assert.Equal(output.data<float>().ToArray(), input.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Evaluating_ChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var dropout = new SeededDropout(0.5);
        dropout.eval();
        var input = rand(100);
        Assert.Equal(input.data<float>().ToArray(), dropout.call(input).data<float>().ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AttentionThatDrops_IsOnAverageTheOneThatDoesNot(bool isCausal)
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        var (query, key, value) = (randn(2, 2, 5, 4), randn(2, 2, 5, 4), randn(2, 2, 5, 4));
        var mask = tensor([true, true, true, true, true, true, true, true, false, false]).reshape(2, 5);
        var whole = Attention.Attend(query, key, value, mask, isCausal);
        var sum = zeros_like(whole);
        for (var i = 0; i < 4000; i++)
        {
            using var inner = NewDisposeScope();
            sum.add_(Attention.Attend(query, key, value, mask, isCausal, dropout: 0.2));
        }
        Assert.True((sum / 4000 - whole).abs().max().item<float>() < 0.06);
    }
}
