namespace MLNet.DeepExtensions.Tests.Reporting;

public class MetricTitleTests
{
    [Theory]
    [InlineData("loss", "Loss")]
    [InlineData("recall_at_1", "Recall at 1")]
    [InlineData("eer", "EER")]
    public void AMetricsName_IsReadable(string metric, string title) => Assert.Equal(title, MetricTitle.Of(metric));
}
