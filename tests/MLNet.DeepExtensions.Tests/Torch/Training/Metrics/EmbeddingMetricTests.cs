using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training.Metrics;

[Collection(nameof(Alone))]
public sealed class EmbeddingMetricTests
{
    // on a circle, by degrees
    private static Tensor At(params double[] degrees) =>
        tensor(degrees.SelectMany(angle => new[] { 5 * (float)Math.Cos(angle * Math.PI / 180), 5 * (float)Math.Sin(angle * Math.PI / 180) }).ToArray()).reshape(-1, 2);

    [Fact]
    public void EqualErrorRate_IsThatOfAllPairs()
    {
        using var scope = NewDisposeScope();
        using var metric = new EqualErrorRate().Build(2, CPU);
        metric.Update(At(0, 10), tensor([0L, 0]), null);
        metric.Update(At(100, 170), tensor([1L, 1]), null);
        Assert.Equal("eer", metric.Name);
        Assert.False(metric.HigherIsBetter);
        // 70 degrees apart is farther than none of the impostors, which are at 90 or more: no error
        Assert.Equal(0, metric.Value, 1e-9);
        metric.Update(At(5), tensor([1L]), null);
        Assert.Equal(VerificationCurve.OfPairs([Cos(10), Cos(70), Cos(95), Cos(165)], [Cos(100), Cos(170), Cos(90), Cos(160), Cos(5), Cos(5)]).EqualErrorRate, metric.Value, 1e-9);
    }

    [Fact]
    public void RecallAt1_CountsRowsWhoseNearestIsOfTheirClass()
    {
        using var scope = NewDisposeScope();
        using var metric = new RecallAt1().Build(2, CPU);
        // 0 finds 11, 100 and 130 each other, 11 finds 12, which is of another class and alone in it
        metric.Update(At(0, 11, 100, 130, 12), tensor([0L, 0, 1, 1, 2]), null);
        Assert.Equal(0.75, metric.Value, 1e-9);
        // a row that weighs nothing is left out
        metric.Reset();
        metric.Update(At(0, 11, 100, 130, 12), tensor([0L, 0, 1, 1, 2]), tensor([1f, 1, 1, 1, 0]));
        Assert.Equal(1, metric.Value, 1e-9);
    }

    [Fact]
    public void RowsBeyondTheBound_DoNotCount()
    {
        using var scope = NewDisposeScope();
        using var metric = new RecallAt1 { MaxRows = 3 }.Build(2, CPU);
        metric.Update(At(0, 1), tensor([0L, 0]), null);
        Assert.Equal(1, metric.Value);
        metric.Update(At(90, 0.5, 0.6), tensor([1L, 1, 1]), null);
        Assert.Equal(1, metric.Value);
    }

    [Fact]
    public void SaveAndLoad_GoOnWithTheSameRows()
    {
        using var scope = NewDisposeScope();
        using var metric = new EqualErrorRate { MaxRows = 5 }.Build(2, CPU);
        using var other = new EqualErrorRate { MaxRows = 5 }.Build(2, CPU);
        using var saved = new SavedState();
        metric.Update(At(0, 40, 30), tensor([0L, 0, 1]), null);
        metric.SaveState(saved);
        other.LoadState(saved);
        foreach (var one in new[] { metric, other })
            one.Update(At(80, 33, 1), tensor([1L, 0, 1]), null);
        Assert.Equal(metric.Value, other.Value);
        Assert.InRange(metric.Value, 0.01, 0.99);
    }

    private static float Cos(double degrees) => (float)Math.Cos(degrees * Math.PI / 180);
}
