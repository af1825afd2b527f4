using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNet.DeepExtensions.Tests.SplitRows;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Groups stay whole, and sizes come as near as that allows.</summary>
public class SplitGroupsTests
{
    private readonly MLContext ml = new();

    private static int GroupOf(int row) => row * row % 37;

    [Fact]
    public void AGroup_IsNeverInTwoParts() =>
        Gen.Select(Fractions, Gen.Int[0, 3].Array[0, 300], Gen.Int[1, 50], Gen.Bool, Gen.Int).Sample((fractions, labels, groups, stratified, seed) =>
        {
            var rows = Of(labels, i => GroupOf(i) % groups);
            var parts = Numbers(Split(ml, View(ml, rows), fractions, stratified ? "Label" : null, "Group", seed));
            Assert.Equal(parts.SelectMany(part => part.Select(row => rows[row].Group).Distinct()).Order(), rows.Select(row => row.Group).Distinct().Order());
        }, iter: 200);

    [Fact]
    public void FewGroups_GetTheBestOfAllWays() =>
        Gen.Select(Fractions, Gen.Select(Gen.Long[0, 20], Gen.Long[1, 20]).Array[1, 6], Gen.Int).Sample((fractions, sizes, seed) =>
        {
            var groups = Groups(sizes);
            var found = GroupAssignment.Assign(groups, fractions, new SeededRandom(seed));
            var best = Enumerable.Range(0, (int)Math.Pow(3, sizes.Length))
                .Min(way => Distance(sizes, fractions, [.. Enumerable.Range(0, sizes.Length).Select(group => way / (int)Math.Pow(3, group) % 3)]));
            Assert.Equal(best, Distance(sizes, fractions, found), tolerance: 0.01);
        }, iter: 300);

    [Fact]
    public void ManyGroups_ComeAsNearAsTheirSizesAllow() =>
        Gen.Select(Fractions, Gen.Int[1, 30].Array[40, 200], Gen.Int).Sample((fractions, sizes, seed) =>
        {
            // with a group of one row among them every size can be reached; the search may stay a row off it
            var all = sizes.Append(1).Append(1).Append(1).Select(size => ((long)size, 0L)).ToArray();
            var parts = GroupAssignment.Assign(Groups(all), fractions, new SeededRandom(seed));
            for (var part = 0; part < 3; part++)
                Assert.InRange(all.Where((_, i) => parts[i] == part).Sum(size => size.Item1) - fractions[part] * all.Sum(size => size.Item1), -2, 2);
        }, iter: 100);

    [Fact]
    public void EqualGroups_GiveExactSizes()
    {
        var parts = Numbers(Split(ml, View(ml, Of(new int[1000], i => i / 10)), [0.7, 0.2, 0.1], group: "Group"));
        Assert.Equal([700, 200, 100], parts.Select(part => part.Length));
    }

    [Fact]
    public void WithStrata_GroupsStayWhole_AndEachValueIsSpreadEvenly()
    {
        // 300 patients with 1 to 9 pictures each, of which some are ill; the illness runs in patients
        var random = new Random(3);
        var rows = Enumerable.Range(0, 300).SelectMany(patient => Enumerable.Range(0, random.Next(1, 10)).Select(_ => new Row
        {
            Group = patient, Label = random.NextDouble() < patient % 5 * 0.2 ? "ill" : "well",
        })).ToList();
        for (var i = 0; i < rows.Count; i++)
            rows[i].Number = i;
        var parts = Numbers(Split(ml, View(ml, rows), [0.7, 0.2, 0.1], "Label", "Group"));
        double[] fractions = [0.7, 0.2, 0.1];
        foreach (var label in new[] { "ill", "well" })
            for (var part = 0; part < 3; part++)
                Assert.InRange(parts[part].Count(row => rows[row].Label == label) - fractions[part] * rows.Count(row => row.Label == label), -2, 2);
    }

    [Fact]
    public void AnEmptyShare_GetsNoGroup()
    {
        foreach (var groups in new[] { 3, 8, 60 })
            Assert.Empty(Numbers(Split(ml, View(ml, Of(new int[120], i => i % groups)), [0.5, 0.5, 0], group: "Group"))[2]);
    }

    [Fact]
    public void EachGroup_IsAsLikelyInTheTestSet()
    {
        foreach (var groups in new[] { 8, 20 })
        {
            var hits = new int[groups];
            for (var seed = 0; seed < 400; seed++)
                foreach (var group in GroupAssignment.Assign(Groups([.. Enumerable.Repeat((3L, 0L), groups)]), [0.5, 0.3, 0.2], new SeededRandom(seed)).Index().Where(pair => pair.Item == 2))
                    hits[group.Index]++;
            // 80 expected, or 100 where two of eight come nearest; standard deviation 8
            Assert.All(hits, count => Assert.InRange(count, 45, 140));
        }
    }

    [Fact]
    public void MissingKeys_StayTogether()
    {
        var view = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new Speaker { Number = i, Name = i % 3 == 0 ? float.NaN : i % 7 }));
        var parts = Numbers(Split(ml, view, [0.5, 0.3, 0.2], group: nameof(Speaker.Name)));
        Assert.Single(parts, part => part.Any(row => row % 3 == 0));
    }

    private sealed class Speaker
    {
        public int Number { get; set; }

        public float Name { get; set; }
    }

    // two strata; a group has rows in either or both
    private static RowGroups Groups((long First, long Second)[] sizes)
    {
        var counter = new RowGroups.Counter();
        for (var group = 0; group < sizes.Length; group++)
        {
            for (var i = 0; i < sizes[group].First; i++)
                counter.Add(group, 0);
            for (var i = 0; i < sizes[group].Second; i++)
                counter.Add(group, 1);
        }
        return counter.Count(sizes.Length, 2);
    }

    private static double Distance((long First, long Second)[] sizes, double[] fractions, int[] partOf)
    {
        var distance = 0.0;
        foreach (var rows in new Func<(long First, long Second), long>[] { size => size.First, size => size.Second, size => size.First + size.Second })
            for (var part = 0; part < 3; part++)
                distance += Math.Pow(sizes.Where((_, group) => partOf[group] == part).Sum(rows) - fractions[part] * sizes.Sum(rows), 2);
        return distance;
    }
}
