using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training.Losses;

/// <summary>Points on a line, so that distances can be read off: class 0 at 0 and 3, class 1 at 1 and 10, class 2 at 4.</summary>
public sealed class TripletTests
{
    private static readonly long[] classes = [0, 0, 1, 1, 2];

    // anchors in order: positive, negatives
    //  0 (class 0): 3;  1, 10, 4     3 (class 0): 3;  2, 7, 1     1 (class 1): 9;  1, 2, 3     10 (class 1): 9;  10, 7, 6     4: none
    [Theory]
    [InlineData(TripletMining.BatchHard, 0.5, (3 - 1 + 0.5 + (3 - 1 + 0.5) + (9 - 1 + 0.5) + (9 - 6 + 0.5)) / 4)]
    // the nearest that is farther than the positive: 4, 7, none (so the farthest, 3), 10
    [InlineData(TripletMining.SemiHard, 0.5, (0 + 0 + (9 - 3 + 0.5) + 0) / 4)]
    [InlineData(TripletMining.SemiHard, 1.5, (3 - 4 + 1.5 + 0 + (9 - 3 + 1.5) + (9 - 10 + 1.5)) / 4)]
    // those above 0: 3-1; 3-2, 3-1; 9-1, 9-2, 9-3; 9-7, 9-6
    [InlineData(TripletMining.BatchAll, 0.5, (2 + 1 + 2 + 8 + 7 + 6 + 2 + 3 + 8 * 0.5) / 8)]
    public void Mining_TakesTheTripletsThatItSays(TripletMining mining, double margin, double expected)
    {
        using var scope = NewDisposeScope();
        using var loss = new Triplet { Mining = mining, Margin = margin, Normalized = false }.Build(1, CPU);
        Assert.Equal(expected, loss.Compute(Line(0, 3, 1, 10, 4), tensor(classes), null).Mean.ToDouble(), 1e-5);
    }

    [Fact]
    public void Distance_SquaredAndCosine_AreThoseOfVectorsOfLengthOne()
    {
        using var scope = NewDisposeScope();
        var output = tensor(new float[,] { { 2, 0 }, { 0, 3 }, { 1, 1 } });
        var target = tensor([0L, 0, 1]);
        // between the axes 90 degrees, to the diagonal 45: anchors are the two axes, alike
        double Loss(EmbeddingDistance distance)
        {
            using var loss = new Triplet { Distance = distance, Margin = 0.1 }.Build(2, CPU);
            return loss.Compute(output, target, null).Mean.ToDouble();
        }
        var half = Math.Sqrt(0.5);
        Assert.Equal(1 - (1 - half) + 0.1, Loss(EmbeddingDistance.Cosine), 1e-5);
        Assert.Equal(2 - 2 * (1 - half) + 0.1, Loss(EmbeddingDistance.SquaredEuclidean), 1e-5);
        Assert.Equal(Math.Sqrt(2) - Math.Sqrt(2 * (1 - half)) + 0.1, Loss(EmbeddingDistance.Euclidean), 1e-5);
    }

    [Theory]
    [InlineData(TripletMining.BatchHard)]
    [InlineData(TripletMining.SemiHard)]
    [InlineData(TripletMining.BatchAll)]
    public void Gradient_OfEqualRows_IsFinite(TripletMining mining)
    {
        using var scope = NewDisposeScope();
        using var loss = new Triplet { Mining = mining }.Build(3, CPU);
        var output = ones(4, 3).requires_grad_();
        loss.Compute(output, tensor([0L, 0, 1, 1]), null).Mean.backward();
        Assert.True(output.grad!.isfinite().all().ToBoolean());
    }

    [Fact]
    public void Weight_OfAnAnchor_IsItsSay()
    {
        using var scope = NewDisposeScope();
        using var loss = new Triplet { Margin = 0.5, Normalized = false }.Build(1, CPU);
        var value = loss.Compute(Line(0, 3, 1, 10, 4), tensor(classes), tensor([1f, 1, 1, 5, 1]));
        Assert.Equal((2.5 + 2.5 + 8.5 + 5 * 3.5) / 8, value.Mean.ToDouble(), 1e-5);
        Assert.Equal(8, value.Normalizer!.ToDouble());
    }

    // PyTorch's triplet_margin_loss takes distances with 1e-6 added to each difference
    [Fact]
    public void Hinge_IsPyTorchs()
    {
        using var scope = NewDisposeScope();
        var positive = (Fill(0) - Fill(1) + 1e-6).norm(1);
        var negative = (Fill(0) - Fill(2) + 1e-6).norm(1);
        var expected = (positive - negative + 1).relu().mean().ToDouble();
        Assert.Equal(expected, Triplet.Hinge(positive, negative, 1).mean().ToDouble(), 1e-6);

        static Tensor Fill(int k) => (arange(12) * 0.1 + k).sin().reshape(3, 4);
    }

    [Fact]
    public void Contrastive_PullsPairsOfOneClass_AndPushesOthersThatAreNearerThanTheMargin()
    {
        using var scope = NewDisposeScope();
        using var loss = new Contrastive { Margin = 2, Normalized = false }.Build(1, CPU);
        // pairs of 0, 3 | 1: same 3²/2; others at 1 → (2-1)²/2 and at 2 → 0
        Assert.Equal((4.5 + 0.5 + 0) / 3, loss.Compute(Line(0, 3, 1), tensor([0L, 0, 1]), null).Mean.ToDouble(), 1e-5);
        // the pair of the first two weighs 6, the others 2 and 3
        Assert.Equal((6 * 4.5 + 2 * 0.5) / 11, loss.Compute(Line(0, 3, 1), tensor([0L, 0, 1]), tensor([2f, 3, 1])).Mean.ToDouble(), 1e-5);
    }

    private static Tensor Line(params float[] points) => tensor(points).reshape(points.Length, 1);
}
