using CsCheck;

namespace MLNet.DeepExtensions.Tests.Torch.Batches;

public class LengthBucketsTests
{
    [Fact]
    public void EveryRow_ComesOnce_AndTheSameDiceGiveTheSameOrder() =>
        Gen.Select(Gen.Int[1, 40].Array[1, 300], Gen.Int[1, 17], Gen.Int[0, 5]).Sample((lengths, batchSize, seed) =>
        {
            int[] first = Order(lengths, batchSize, seed), second = Order(lengths, batchSize, seed);
            return first.Order().SequenceEqual(Enumerable.Range(0, lengths.Length)) && first.SequenceEqual(second);
        });

    [Fact]
    public void OfManyRows_LittleIsPadding_YetEpochsDiffer()
    {
        var random = new Random(1);
        var lengths = Enumerable.Range(0, 10_000).Select(_ => random.Next(1, 200)).ToArray();
        var (mixed, bucketed) = (Enumerable.Range(0, lengths.Length).ToArray(), Order(lengths, 32, 1));
        new SeededRandom(1).Shuffle<int>(mixed);
        Assert.True(Padded(mixed) > 1.8 * lengths.Sum());
        Assert.True(Padded(bucketed) < 1.1 * lengths.Sum());
        Assert.NotEqual(bucketed, Order(lengths, 32, 2));
        // lengths do not rise from batch to batch: the network sees short and long ones by turns
        var firsts = Enumerable.Range(0, 300).Select(batch => lengths[bucketed[batch * 32]]).ToArray();
        Assert.InRange(firsts.Zip(firsts.Skip(1)).Count(pair => pair.Second < pair.First), 100, 200);

        long Padded(int[] order) => order.Chunk(32).Sum(batch => (long)batch.Length * batch.Max(row => lengths[row]));
    }

    private static int[] Order(int[] lengths, int batchSize, int seed)
    {
        var (order, random) = (Enumerable.Range(0, lengths.Length).ToArray(), new SeededRandom(seed));
        random.Shuffle<int>(order);
        LengthBuckets.Arrange(order, row => lengths[row], batchSize, random);
        return order;
    }
}
