namespace MLNet.DeepExtensions.Tests.Torch.Recommending;

public class RecommendationMetricsTests
{
    [Fact]
    public void HitsAndGains_AreThoseOfTheDefinition()
    {
        var metrics = RecommendationMetrics.Of<int>([([1, 2, 3], [2]), ([1, 2, 3], [9]), ([4, 5, 6], [4, 5, 6, 7]), ([1], [])], count: 3);
        Assert.Equal(3, metrics.Users);
        Assert.Equal(2.0 / 3, metrics.HitRate, 1e-12);
        // found on place 2 of one; not found; the best list of three that there is
        Assert.Equal((1 / Math.Log2(3) + 0 + 1) / 3, metrics.Ndcg, 1e-12);
    }

    [Fact]
    public void PlacesBehindTheListsEnd_DoNotCount()
    {
        var metrics = RecommendationMetrics.Of<string>([(["a", "b", "c"], ["c"])], count: 2);
        Assert.Equal((0, 0), (metrics.HitRate, metrics.Ndcg));
    }
}
