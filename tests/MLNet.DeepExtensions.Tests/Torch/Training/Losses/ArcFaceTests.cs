using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions.Tests.Torch.Training.Losses;

public sealed class ArcFaceTests
{
    [Fact]
    public void WithoutMargin_ItIsCrossEntropyOfScaledCosines()
    {
        using var scope = NewDisposeScope();
        using var loss = new ArcFace { Margin = 0, Scale = 8, Classes = 5 }.Build(3, CPU);
        var (output, target) = (randn(4, 3), tensor([0L, 4, 2, 1]));
        var cosines = F.normalize(output, dim: 1).mm(F.normalize(loss.Parameters[0].Parameter, dim: 1).t());
        Assert.Equal(F.cross_entropy(8 * cosines, target).ToDouble(), loss.Compute(output, target, null).Mean.ToDouble(), 1e-5);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(1.5)]
    [InlineData(2.4)]
    public void Margin_IsAnAngle(double angle)
    {
        using var scope = NewDisposeScope();
        using var loss = new ArcFace { Margin = 0.5, Scale = 1, Classes = 2 }.Build(2, CPU);
        Turn(loss);
        var output = tensor(new[,] { { (float)Math.Cos(angle), (float)Math.Sin(angle) } });
        // class 0 lies along the first axis, class 1 along the second
        var own = Math.Cos(angle + 0.5);
        var expected = Math.Log(Math.Exp(own) + Math.Exp(Math.Sin(angle))) - own;
        Assert.Equal(expected, loss.Compute(output, tensor([0L]), null).Mean.ToDouble(), 1e-5);
    }

    [Fact]
    public void TheWiderTheAngle_TheHigherTheLoss_AlsoBeyondPiLessTheMargin()
    {
        using var scope = NewDisposeScope();
        using var loss = new ArcFace { Margin = 0.5, Scale = 1, Classes = 2 }.Build(3, CPU);
        Turn(loss);
        // turned from the first axis to the third, which is as far from the second as before: only the own angle changes
        var losses = Enumerable.Range(1, 62).Select(i => i * 0.05).Select(angle =>
            loss.Compute(tensor(new[,] { { (float)Math.Cos(angle), 0, (float)Math.Sin(angle) } }), tensor([0L]), null).Mean.ToDouble()).ToList();
        Assert.Equal(losses.Order(), losses);
    }

    [Fact]
    public void RowsOfUnknownClasses_DoNotCount()
    {
        using var scope = NewDisposeScope();
        using var loss = new ArcFace { Classes = 2 }.Build(3, CPU);
        var output = randn(3, 3);
        var (known, all) = (loss.Compute(output.narrow(0, 0, 2), tensor([0L, 1]), null), loss.Compute(output, tensor([0L, 1, 7]), null));
        Assert.Equal(known.Mean.ToDouble(), all.Mean.ToDouble(), 1e-6);
        Assert.Equal(2, all.Normalizer!.ToDouble());
    }

    [Fact]
    public void WithoutTheNumberOfClasses_ItSaysWhoSetsIt() =>
        Assert.Contains("DeepEmbedding", Assert.Throws<ArgumentException>(() => new ArcFace().Build(4, CPU)).Message);

    private static void Turn(Loss loss)
    {
        using var _ = no_grad();
        var directions = loss.Parameters[0].Parameter;
        directions.copy_(eye(directions.shape[0], directions.shape[1]));
    }
}
