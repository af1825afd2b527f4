using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training.Samplings;

public sealed class SamplingTests
{
    // 12 rows of one class, 6 of another, 2 of a third
    private static readonly int[][] classes = [[.. Enumerable.Range(0, 12)], [.. Enumerable.Range(12, 6)], [18, 19]];

    public static TheoryData<Type> Registered => [.. Sampling.Registered];

    [Theory, MemberData(nameof(Registered))]
    public void SameSeed_SameRows_AndOnlyRowsThatThereAre(Type type)
    {
        var sampling = (Sampling)Activator.CreateInstance(type)!;
        int[] Draw(int seed) => sampling.Draw(classes, sampling.BatchSize(8, 3), Dice(seed));
        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));
        Assert.Equal(Draw(1).Length, Draw(2).Length);
        Assert.All(Draw(1), row => Assert.InRange(row, 0, 19));
    }

    [Theory, MemberData(nameof(Registered))]
    public void Json_GivesTheSameConfigBack(Type type)
    {
        var config = (Sampling)Activator.CreateInstance(type)!;
        Assert.Equal(config, ConfigJson.Read<Sampling>(ConfigJson.Write(config)));
    }

    [Fact]
    public void ClassBalanced_DrawsClassesEquallyOften_AndTheirRowsInTurn()
    {
        var rows = new ClassBalanced().Draw(classes, 8, Dice(1));
        Assert.Equal(20, rows.Length);
        Assert.All(classes, own => Assert.InRange(rows.Count(own.Contains), 6, 7));
        // a row comes again only when all of its class have come
        foreach (var own in classes)
            Assert.InRange(own.Max(row => rows.Count(drawn => drawn == row)) - own.Min(row => rows.Count(drawn => drawn == row)), 0, 1);
    }

    [Fact]
    public void ClassesPerBatch_MakesBatchesOfSomeClassesAndRows()
    {
        var many = Enumerable.Range(0, 10).Select(i => Enumerable.Range(i * 7, 7).ToArray()).ToList();
        var sampling = new ClassesPerBatch { Classes = 4, Rows = 3 };
        Assert.Equal(12, sampling.BatchSize(64, 10));
        for (var seed = 0; seed < 20; seed++)
        {
            var rows = sampling.Draw(many, 12, Dice(seed));
            Assert.Equal(5 * 12, rows.Length);
            foreach (var batch in rows.Chunk(12))
            {
                Assert.Equal(12, batch.Distinct().Count());
                Assert.Equal([3, 3, 3, 3], batch.GroupBy(row => row / 7).Select(group => group.Count()));
            }
            // 20 turns for 10 classes
            Assert.All(Enumerable.Range(0, 10), i => Assert.Equal(6, rows.Count(row => row / 7 == i)));
        }
    }

    [Fact]
    public void ClassesPerBatch_AClassWithFewerRows_GivesThemAgain()
    {
        var rows = new ClassesPerBatch { Classes = 3, Rows = 4 }.Draw(classes, 12, Dice(1));
        Assert.Equal([2, 2], rows.Where(row => row >= 18).GroupBy(row => row).Select(group => group.Count()));
    }

    [Theory]
    [InlineData(64, 10, 40)]
    [InlineData(24, 10, 24)]
    [InlineData(1, 10, 8)]
    public void ClassesPerBatch_ByItself_TakesAsManyClassesAsTheBatchHasRoomFor(int asked, int count, int expected) => Assert.Equal(expected, new ClassesPerBatch().BatchSize(asked, count));

    [Theory]
    [InlineData(null, 1)]
    [InlineData(5, 4)]
    public void ClassesPerBatch_WithTooFewClasses_SaysSo(int? wanted, int count) =>
        Assert.Contains($"only {count} ha", Assert.Throws<ArgumentException>(() => new ClassesPerBatch { Classes = wanted }.BatchSize(64, count)).Message);

    private static Func<int, int> Dice(int seed)
    {
        var random = new SeededRandom(seed);
        return limit => (int)random.Below(limit);
    }
}
