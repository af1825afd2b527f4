using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Core.Columns;

public class RowStoreTests
{
    [Theory]
    [InlineData(1, 100_000, null)]
    [InlineData(784, 20_000, 20_000)]
    [InlineData(784, 20_000, 7)]
    [InlineData(3_000_000, 5, null)]
    public void Rows_ComeBackAsTheyWere(int length, int count, int? expected)
    {
        var store = new RowStore<byte>(length, expected);
        var row = new byte[length];
        for (var i = 0; i < count; i++)
        {
            row[0] = (byte)(i * 31);
            row[^1] = (byte)(i * 17 + (length == 1 ? 14 * i : 0));
            store.Add(new VBuffer<byte>(length, row));
        }
        Assert.Equal(count, store.Count);
        var back = new byte[length];
        for (var i = count - 1; i >= 0; i -= Math.Max(1, count / 1000))
        {
            store.CopyTo(i, back);
            Assert.Equal((byte)(i * 17 + (length == 1 ? 14 * i : 0)), back[^1]);
        }
    }

    [Fact]
    public void KnownCount_TakesNoMoreThanTheRows()
    {
        var store = new RowStore<float>(rowLength: 4, expectedRows: 150);
        for (var i = 0; i < 150; i++)
            store.Add(new VBuffer<float>(4, [i, 0, 0, 0]));
        Assert.Equal(150 * 16, store.Bytes);
    }

    [Fact]
    public void SparseRows_KeepWhatTheyHold_AndComeBackDense()
    {
        const int Length = 1 << 20;
        var store = new RowStore<float>(Length);
        for (var i = 0; i < 200; i++)
            store.Add(new VBuffer<float>(Length, 2, [i + 1f, -1f], [i, Length - 1]));
        Assert.InRange(store.Bytes, 1, 100_000);
        var back = new float[Length];
        store.CopyTo(7, back);
        Assert.Equal(8, back[7]);
        Assert.Equal(-1, back[^1]);
        Assert.Equal(2, back.Count(value => value != 0));
    }

    [Fact]
    public void SparseAndDenseRows_MayMix()
    {
        var store = new RowStore<float>(rowLength: 100);
        store.Add(new VBuffer<float>(100, 1, [5f], [3]));
        store.Add(new VBuffer<float>(100, [.. Enumerable.Repeat(2f, 100)]));
        store.Add(new VBuffer<float>(100, 60, [.. Enumerable.Repeat(7f, 60)], [.. Enumerable.Range(40, 60)]));
        var back = new float[100];
        store.CopyTo(0, back);
        Assert.Equal(5, back.Sum());
        store.CopyTo(1, back);
        Assert.Equal(200, back.Sum());
        store.CopyTo(2, back);
        Assert.Equal(420, back.Sum());
        Assert.Equal(0, back[39]);
    }
}
