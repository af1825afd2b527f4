namespace MLNet.DeepExtensions.Tests.Reporting;

public class AxisTicksTests
{
    [Theory]
    [InlineData(1, 1, "1")]
    [InlineData(1, 3, "1 2 3")]
    [InlineData(1, 22, "1 5 10 15 20")]
    [InlineData(1, 100, "1 10 20 30 40 50 60 70 80 90 100")]
    [InlineData(1, 500, "1 50 100 150 200 250 300 350 400 450 500")]
    [InlineData(11, 14, "11 12 13 14")]
    [InlineData(95, 200, "95 110 120 130 140 150 160 170 180 190 200")]
    public void Epochs_AreWholeAndRound_AndBeginWithTheFirst(int first, int last, string ticks) => Assert.Equal(ticks, string.Join(" ", AxisTicks.Epochs(first, last)));

    [Fact]
    public void Epochs_AreNeverTooManyToRead()
    {
        for (var last = 1; last <= 3000; last++)
            Assert.InRange(AxisTicks.Epochs(1, last).Count(), 1, 21);
    }

    [Theory]
    [InlineData(0, 1, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0.5, 1.2, "0.6 0.8 1.0 1.2")]
    [InlineData(0.9801, 0.9899, "0.982 0.984 0.986 0.988")]
    [InlineData(0, 1.3, "0.00 0.25 0.50 0.75 1.00 1.25")]
    [InlineData(0, 5e6, "0 1e6 2e6 3e6 4e6 5e6")]
    [InlineData(0, 2.1e-7, "0 5e-8 1e-7 1.5e-7 2e-7")]
    [InlineData(-3000, 9000, "-2,000 0 2,000 4,000 6,000 8,000")]
    public void Values_AreRound_WithTheDigitsThatTellThemApart(double low, double high, string ticks) =>
        Assert.Equal(ticks, string.Join(" ", AxisTicks.Values(low, high).Select(tick => tick.Label)));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1e-9, 1e-9)]
    [InlineData(5, 5)]
    [InlineData(-2, 1e30)]
    [InlineData(1e-30, 2e-30)]
    public void Room_HoldsEveryValue_AndHasTicks(double lowest, double highest)
    {
        var (low, high) = AxisTicks.Room(lowest, highest);
        Assert.True(low <= lowest && high > highest && high > low);
        Assert.InRange(AxisTicks.Values(low, high).Count(), 2, 12);
    }

    [Theory]
    [InlineData(1e-7, 10, "1e-7 1e-6 1e-5 1e-4 0.001 0.01 0.1 1 10")]
    [InlineData(1e-3, 3e-2, "0.001 0.01")]
    [InlineData(0.03, 0.6, "0.05 0.1 0.2 0.5")]
    [InlineData(1e-20, 1e4, "1e-20 1e-18 1e-16 1e-14 1e-12 1e-10 1e-8 1e-6 1e-4 0.01 1 100 1e4")]
    public void Powers_AreFewEnoughToBeRead(double low, double high, string labels) => Assert.Equal(labels, string.Join(" ", AxisTicks.Powers(low, high).Select(tick => tick.Label)));
}
