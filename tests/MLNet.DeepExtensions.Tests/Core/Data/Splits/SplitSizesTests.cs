using CsCheck;
using Microsoft.ML;
using static MLNet.DeepExtensions.Tests.SplitRows;

namespace MLNet.DeepExtensions.Tests;

/// <summary>How many rows each part gets, and that each row is in one part.</summary>
public class SplitSizesTests
{
    private readonly MLContext ml = new();

    [Fact]
    public void EveryRow_IsInOnePart_AndKeepsItsPlace() =>
        Gen.Select(Fractions, Gen.Int[0, 4].Array[0, 200], Gen.Bool, Gen.Bool, Gen.Int).Sample((fractions, labels, stratified, grouped, seed) =>
        {
            var rows = Of(labels, i => i * i % 37);
            var parts = Numbers(Split(ml, View(ml, rows), fractions, stratified ? "Label" : null, grouped ? "Group" : null, seed));
            Assert.Equal(Enumerable.Range(0, rows.Count), parts.SelectMany(part => part).Order());
            Assert.All(parts, part => Assert.Equal(part.Order(), part));
        }, iter: 200);

    [Fact]
    public void WithoutColumns_SizesAreExactToWithinOneRow() =>
        Gen.Select(Fractions, Gen.Int[0, 300], Gen.Int).Sample((fractions, count, seed) =>
        {
            var split = Split(ml, View(ml, Of(new int[count])), fractions, seed: seed);
            for (var part = 0; part < 3; part++)
            {
                var size = Views(split)[part].GetRowCount()!.Value;
                Assert.Equal(size, Numbers(split)[part].Length);
                Assert.True(Math.Abs(size - fractions[part] * count) < 1);
            }
        }, iter: 200);

    [Fact]
    public void Stratified_EachValueAndTheWhole_AreExactToWithinOneRow() =>
        Gen.Select(Fractions, Gen.Int[1, 60].SelectMany(kinds => Gen.Int[0, kinds].Array[0, 400]), Gen.Int).Sample((fractions, labels, seed) =>
        {
            var parts = Numbers(Split(ml, View(ml, Of(labels)), fractions, "Label", seed: seed));
            for (var part = 0; part < 3; part++)
            {
                Assert.True(Math.Abs(parts[part].Length - fractions[part] * labels.Length) < 1);
                foreach (var label in labels.Distinct())
                    Assert.True(Math.Abs(parts[part].Count(row => labels[row] == label) - fractions[part] * labels.Count(other => other == label)) < 1);
            }
        }, iter: 200);

    [Fact]
    public void ManySmallStrata_DoNotEmptyTheSmallestPart()
    {
        // 5 × (0.7, 0.2, 0.1) is (3.5, 1, 0.5): rounded one by one, all hundred would round alike
        var parts = Numbers(Split(ml, View(ml, Of(Enumerable.Range(0, 500).Select(i => i % 100))), [0.7, 0.2, 0.1], "Label"));
        Assert.Equal([350, 100, 50], parts.Select(part => part.Length));
        Assert.All(Enumerable.Range(0, 100), label => Assert.InRange(parts[0].Count(row => row % 100 == label), 3, 4));
    }

    [Fact]
    public void AHundredThousandStrata_AreSharedOut()
    {
        var shares = Apportionment.Share([.. Enumerable.Range(0, 100_000).Select(i => (long)(i % 4))], [0.7, 0.2, 0.1]);
        Assert.Equal([105_000, 30_000, 15_000], Enumerable.Range(0, 3).Select(part => shares.Sum(share => share[part])));
    }

    [Fact]
    public void RoundFractions_AreNotMadeCrookedByBinaryNumbers()
    {
        foreach (var count in new[] { 10, 100, 1000, 10_000 })
            Assert.Equal([7 * count / 10, 2 * count / 10, count / 10], Apportionment.LargestRemainder(count, [0.7, 0.2, 0.1]));
        Assert.Equal([42_000, 12_000, 6_000], Apportionment.LargestRemainder(60_000, [0.7 / 0.9999999999999999, 0.2, 0.1]));
    }

    [Fact]
    public void OfEqualRemainders_TheSmallerPartGetsTheRow() => Assert.Equal([3, 1, 1], Apportionment.LargestRemainder(5, [0.7, 0.2, 0.1]));

    [Fact]
    public void EachRow_IsAsLikelyInTheTestSet()
    {
        var hits = new int[20];
        for (var seed = 0; seed < 1000; seed++)
            foreach (var row in Numbers(Split(ml, View(ml, Of(new int[20])), [0.5, 0.25, 0.25], seed: seed))[2])
                hits[row]++;
        // 250 expected, standard deviation 14
        Assert.All(hits, count => Assert.InRange(count, 190, 310));
    }
}
