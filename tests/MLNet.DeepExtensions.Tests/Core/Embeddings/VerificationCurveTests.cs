using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Core.Embeddings;

public sealed class VerificationCurveTests
{
    // by hand: at 0.6 one of four genuine is refused, and one of five impostors accepted
    private static readonly float[] genuine = [0.9f, 0.8f, 0.7f, 0.4f], impostor = [0.1f, 0.2f, 0.3f, 0.5f, 0.6f];

    private static readonly VerificationCurve curve = VerificationCurve.OfPairs(genuine, impostor);

    [Theory]
    [InlineData(-1f, 1.0, 0.0)]
    [InlineData(0.1f, 1.0, 0.0)]
    [InlineData(0.25f, 0.6, 0.0)]
    [InlineData(0.5f, 0.4, 0.25)]
    [InlineData(0.6f, 0.2, 0.25)]
    [InlineData(0.65f, 0.0, 0.25)]
    [InlineData(2f, 0.0, 1.0)]
    public void At_CountsWhatIsThresholdOrMore(float threshold, double accepts, double rejects)
    {
        var point = curve.At(threshold);
        Assert.Equal(accepts, point.FalseAcceptRate, 1e-9);
        Assert.Equal(rejects, point.FalseRejectRate, 1e-9);
    }

    [Fact]
    public void EqualErrorRate_LiesBetweenTheThresholdsWhereTheRatesCross()
    {
        // (0.4, 0.25) at 0.5 and (0.2, 0.25) at 0.6: three quarters of the way both are 0.25
        Assert.Equal(0.25, curve.EqualErrorRate, 1e-9);
        Assert.Equal(0.575f, curve.EqualErrorThreshold, 1e-5f);
    }

    [Theory]
    [InlineData(0.0, 0.6f)]
    [InlineData(0.19, 0.6f)]
    [InlineData(0.2, 0.5f)]
    [InlineData(0.5, 0.3f)]
    public void ThresholdAt_LetsNoMorePass_AndLiesJustAboveTheFirstRefused(double rate, float refused)
    {
        var threshold = curve.ThresholdAt(rate);
        Assert.Equal(MathF.BitIncrement(refused), threshold);
        Assert.True(curve.At(threshold).FalseAcceptRate <= rate);
        Assert.True(curve.At(refused).FalseAcceptRate > rate);
    }

    [Fact]
    public void AreaUnderCurve_IsTheShareOfPairsInTheRightOrder()
    {
        Assert.Equal((5 + 5 + 5 + 3) / 20.0, curve.AreaUnderCurve, 1e-9);
        Assert.Equal(0.5, VerificationCurve.OfPairs([0.3f, 0.3f], [0.3f]).AreaUnderCurve, 1e-9);
    }

    [Fact]
    public void Perfect_HasNoErrors_AndReversedHasNothingElse()
    {
        Assert.Equal(0, VerificationCurve.OfPairs([0.8f, 0.9f], [0.1f, 0.2f]).EqualErrorRate, 1e-9);
        Assert.Equal(1, VerificationCurve.OfPairs([0.1f, 0.2f], [0.8f, 0.9f]).EqualErrorRate, 1e-9);
        Assert.Equal(0.5, VerificationCurve.OfPairs([0.3f], [0.3f]).EqualErrorRate, 1e-9);
    }

    [Fact]
    public void Points_AreTheRatesAtEachSimilarity_RisingAndMonotone()
    {
        Assert.Equal(10, curve.Points.Count);
        foreach (var point in curve.Points)
            Assert.Equal(curve.At(point.Threshold), point);
        foreach (var (before, after) in curve.Points.Zip(curve.Points.Skip(1)))
            Assert.True(before.Threshold < after.Threshold && before.FalseAcceptRate >= after.FalseAcceptRate && before.FalseRejectRate <= after.FalseRejectRate);
        Assert.Equal((0.0, 1.0), (curve.Points[^1].FalseAcceptRate, curve.Points[^1].FalseRejectRate));
    }

    [Fact]
    public void RandomSimilarities_AgreeWithCounting()
    {
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            float[] g = [.. Enumerable.Range(0, 1 + random.Next(30)).Select(_ => random.Next(20) / 10f)], i = [.. Enumerable.Range(0, 1 + random.Next(30)).Select(_ => random.Next(20) / 10f - 0.5f)];
            var drawn = VerificationCurve.OfPairs(g, i);
            foreach (var point in drawn.Points)
                Assert.Equal((i.Count(value => value >= point.Threshold) / (double)i.Length, g.Count(value => value < point.Threshold) / (double)g.Length),
                    (Math.Round(point.FalseAcceptRate * i.Length) / i.Length, point.FalseRejectRate));
            Assert.InRange(drawn.EqualErrorRate, 0, 1);
            var (above, below) = (drawn.Points.Where(point => point.FalseAcceptRate >= point.FalseRejectRate), drawn.Points.Where(point => point.FalseAcceptRate <= point.FalseRejectRate));
            Assert.InRange(drawn.EqualErrorRate, Math.Min(above.Min(point => point.FalseAcceptRate), below.Min(point => point.FalseRejectRate)) - 1,
                Math.Max(above.Min(point => point.FalseAcceptRate), below.Min(point => point.FalseRejectRate)) + 1e-9);
            Assert.True(drawn.EqualErrorRate >= above.Max(point => point.FalseRejectRate) - 1e-9 && drawn.EqualErrorRate >= below.Max(point => point.FalseAcceptRate) - 1e-9);
        }
    }

    [Theory]
    [InlineData(new float[0], new[] { 1f }, "There are no genuine pairs")]
    [InlineData(new[] { 1f }, new float[0], "There are no impostor pairs")]
    [InlineData(new[] { float.NaN }, new[] { 1f }, "hold NaN")]
    public void WithoutPairsOrWithNaN_ItSaysWhich(float[] g, float[] i, string message) => Assert.Contains(message, Assert.Throws<ArgumentException>(() => VerificationCurve.OfPairs(g, i)).Message);

    [Fact]
    public void Pooled_HasThePairsOfAll_AtOneThreshold()
    {
        // each alone has none of the errors, at thresholds that differ
        VerificationCurve low = VerificationCurve.OfPairs([0.5f, 0.4f], [0.2f, 0.1f, 0f]), high = VerificationCurve.OfPairs([0.9f, 0.8f], [0.45f]);
        var pooled = VerificationCurve.Pooled([low, high]);
        Assert.Equal((4, 4), (pooled.GenuinePairs, pooled.ImpostorPairs));
        Assert.Equal(new VerificationPoint(0.45f, 0.25, 0.25), pooled.At(0.45f));
        Assert.Equal((0.0, 0.0, 0.25), (low.EqualErrorRate, high.EqualErrorRate, pooled.EqualErrorRate));
        Assert.Equal(low.Points, VerificationCurve.Pooled([low]).Points);
        Assert.Contains("no curves", Assert.Throws<ArgumentException>(() => VerificationCurve.Pooled([])).Message);
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(2)]
        public float[] Embedding { get; set; } = [];
    }

    [Fact]
    public void OfRows_ComparesEachWithEach_LeavingOutThoseWithoutLabelOrVector()
    {
        var ml = new MLContext();
        Row[] rows = [new() { Label = "a", Embedding = [2, 0] }, new() { Label = "a", Embedding = [0, 3] }, new() { Label = "b", Embedding = [-1, 0] },
            new() { Label = "", Embedding = [1, 1] }, new() { Label = "a", Embedding = [float.NaN, 1] }];
        var data = ml.Data.LoadFromEnumerable(rows);
        foreach (var view in new[] { data, ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data) })
        {
            var found = VerificationCurve.Of(view);
            Assert.Equal((1, 2), (found.GenuinePairs, found.ImpostorPairs));
            // a and a at 90 degrees, a and b at 180 and 90
            Assert.Equal(0.5, found.At(0).FalseAcceptRate);
            Assert.Equal(0, found.At(0).FalseRejectRate);
        }
        Assert.Contains("make 0 and", Assert.Throws<InvalidOperationException>(() => VerificationCurve.Of(ml.Data.LoadFromEnumerable(Array.Empty<Row>()))).Message);
        Assert.Contains("there are: Label, Embedding", Assert.Throws<ArgumentOutOfRangeException>(() => VerificationCurve.Of(data, "Vector")).Message);
        Assert.Contains("must be a vector of Single", Assert.Throws<ArgumentOutOfRangeException>(() => VerificationCurve.Of(data, "Label")).Message);
        Assert.Contains("must be a key or text", Assert.Throws<ArgumentOutOfRangeException>(() => VerificationCurve.Of(data, labelColumnName: "Embedding")).Message);
    }
}
