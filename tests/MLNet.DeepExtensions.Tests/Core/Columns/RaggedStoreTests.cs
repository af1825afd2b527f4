namespace MLNet.DeepExtensions.Tests.Core.Columns;

public class RaggedStoreTests
{
    [Fact]
    public void Rows_OfAnyLength_ComeBackAsTheyWere_WhateverTookWhosePlace()
    {
        var random = new Random(1);
        var (store, expected) = (new RaggedStore<float>(2), new List<float[]>());
        for (var i = 0; i < 3_000; i++)
        {
            var row = Row();
            var single = new RaggedStore<float>(2);
            single.Add(row);
            if (i < 200 || random.Next(2) == 0)
            {
                store.AddFrom(single, 0);
                expected.Add(row);
                continue;
            }
            var target = random.Next(expected.Count);
            store.ReplaceFrom(target, single, 0);
            expected[target] = row;
        }
        Assert.Equal(expected.Count, store.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i], store.Row(i).ToArray());
            Assert.Equal(expected[i].Length / 2, store.LengthOf(i));
        }
        Assert.InRange(store.BatchBytesPerRow, 2 * 4 * 10, 2 * 4 * 40_000);

        // mostly short, now and then longer than a chunk of its own
        float[] Row() => [.. Enumerable.Range(0, 2 * (random.Next(500) == 0 ? 600_000 : random.Next(0, 40))).Select(_ => random.NextSingle())];
    }

    [Fact]
    public void Cleared_ItTakesNewRows()
    {
        var store = new RaggedStore<int>(1);
        store.Add([1, 2, 3]);
        store.Clear();
        store.Add([7]);
        Assert.Equal((1L, 1), (store.Count, store.LengthOf(0)));
        Assert.Equal([7], store.Row(0).ToArray());
    }

    [Fact]
    public void BeyondItsBudget_ItSaysSo()
    {
        var store = new RaggedStore<float>(1, new RowMemory(1 << 20));
        Assert.Throws<RowMemorySpentException>(() =>
        {
            for (var i = 0; i < 1000; i++)
                store.Add(new float[1000]);
        });
    }
}
