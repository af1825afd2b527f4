using Microsoft.ML;
using static MLNet.DeepExtensions.Tests.SplitRows;

namespace MLNet.DeepExtensions.Tests;

/// <summary>The same seed gives the same parts: in this process, in another, on another machine.</summary>
public class SplitSeedTests
{
    private static readonly double[] shares = [0.6, 0.2, 0.2];

    private static string PartOfEachRow(TrainValidationTestData split)
    {
        var parts = Numbers(split);
        return string.Concat(Enumerable.Range(0, parts.Sum(part => part.Length)).Select(row => Array.FindIndex(parts, part => part.Contains(row))));
    }

    private static IDataView Thirty(MLContext ml) => View(ml, Of(Enumerable.Range(0, 30).Select(i => i % 7 % 3), i => i / 4 % 5));

    // written down once: any change here tears apart the splits that people made with an earlier version
    [Theory]
    [InlineData(null, null, "100002020100001001022011002200")]
    [InlineData("Label", null, "100002020001001000022021010102")]
    [InlineData(null, "Group", "000000002222000011110000000022")]
    [InlineData("Label", "Group", "000011110000222200000000111100")]
    public void ASeed_GivesTheSamePartsForEver(string? stratification, string? group, string expected)
    {
        var ml = new MLContext();
        Assert.Equal(expected, PartOfEachRow(Split(ml, Thirty(ml), shares, stratification, group, seed: 42)));
    }

    [Fact]
    public void ManyGroups_GiveTheSamePartsForEver()
    {
        var groups = new RowGroups.Counter();
        for (var row = 0; row < 200; row++)
            groups.Add(row % 40, row * row % 3);
        Assert.Equal("1010001020000020200002100200010122100021", string.Concat(GroupAssignment.Assign(groups.Count(40, 3), [0.6, 0.2, 0.2], new SeededRandom(42))));
    }

    [Fact]
    public void TheGenerator_IsSplitMix64()
    {
        // first outputs for seed 0, as published with the algorithm: E220A8397B1DCDAF, 6E789E6AA1B965F4, 06C45D188009454F
        var random = new SeededRandom(0);
        Assert.Equal([0xE220A839, 0x6E789E6A, 0x06C45D18], [random.Below(1L << 32), random.Below(1L << 32), random.Below(1L << 32)]);
    }

    [Fact]
    public void OtherSeeds_GiveOtherParts()
    {
        var ml = new MLContext();
        Assert.Equal(50, Enumerable.Range(0, 50).Select(seed => PartOfEachRow(Split(ml, Thirty(ml), shares, seed: seed))).Distinct().Count());
        Assert.NotEqual(PartOfEachRow(Split(ml, Thirty(ml), shares, seed: 1)), PartOfEachRow(Split(ml, Thirty(ml), shares, seed: -1)));
    }

    [Fact]
    public void WithoutASeed_TheContextsCounts_AndZeroWhereItHasNone()
    {
        var (seeded, unseeded) = (new MLContext(seed: 5), new MLContext());
        Assert.Equal(PartOfEachRow(Split(unseeded, Thirty(unseeded), shares, seed: 5)), PartOfEachRow(Split(seeded, Thirty(seeded), shares, seed: null)));
        Assert.Equal(PartOfEachRow(Split(unseeded, Thirty(unseeded), shares, seed: 0)), PartOfEachRow(Split(unseeded, Thirty(unseeded), shares, seed: null)));
        Assert.Equal(PartOfEachRow(Split(unseeded, Thirty(unseeded), shares, seed: 7)), PartOfEachRow(Split(seeded, Thirty(seeded), shares, seed: 7)));
    }
}
