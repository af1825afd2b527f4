namespace MLNet.DeepExtensions.Tests.Torch.Batches;

public class PermutationTests
{
    [Theory]
    [InlineData(1), InlineData(2), InlineData(5), InlineData(64), InlineData(1000), InlineData(65_537)]
    public void EachNumber_ComesOnce(int count)
    {
        var order = new Permutation(count, seed: 7);
        Assert.Equal(Enumerable.Range(0, count), Enumerable.Range(0, count).Select(place => order[place]).Order());
    }

    [Fact]
    public void SameSeed_GivesTheSameOrder_AnotherAnother()
    {
        int[] Order(int seed) => [.. Enumerable.Range(0, 1000).Select(place => new Permutation(1000, seed)[place])];
        Assert.Equal(Order(1), Order(1));
        Assert.NotEqual(Order(1), Order(2));
    }

    [Fact]
    public void Neighbours_AreFarApart_AsChanceWouldHaveIt()
    {
        var order = new Permutation(10_000, seed: 3);
        var apart = Enumerable.Range(0, 9_999).Average(place => Math.Abs(order[place + 1] - order[place]));
        // a third of the range, as of two numbers drawn at random
        Assert.InRange(apart, 3_200, 3_470);
        Assert.InRange(Enumerable.Range(0, 100).Average(place => order[place]), 4_000, 6_000);
    }
}
