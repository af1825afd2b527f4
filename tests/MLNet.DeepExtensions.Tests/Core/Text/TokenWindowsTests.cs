namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>A stream of tokens is stored compactly, and cut into windows that are views of it.</summary>
public sealed class TokenWindowsTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(70_000)]
    public void AStream_GivesItsTokensBack_AcrossChunks(int vocabulary)
    {
        var stream = TokenStream.For(vocabulary);
        var ids = Enumerable.Range(0, 600_000).Select(i => (int)(i * 7919L % vocabulary)).ToArray();
        stream.Add(ids.AsSpan(0, 5));
        stream.Add(ids.AsSpan(5));
        Assert.Equal(600_000, stream.Count);
        var (few, wide) = (new int[1000], new long[300_000]);
        stream.CopyTo(262_000, few.AsSpan());
        stream.CopyTo(250_000, wide.AsSpan());
        Assert.Equal(ids[262_000..263_000], few);
        Assert.Equal(ids[250_000..550_000].Select(id => (long)id), wide);
        Assert.Equal(3 * (1 << 18) * (vocabulary <= 65_536 ? 2 : 4), stream.Bytes);
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(5, 4)]
    [InlineData(6, 4)]
    [InlineData(1001, 64)]
    [InlineData(1025, 64)]
    public void FixedWindows_SayEachTokenButTheFirst_Once(int tokens, int window)
    {
        var rows = new TokenRows(Counting(tokens), window, isMoving: false);
        Assert.Equal((tokens - 2) / window + 1, rows.Count);
        Assert.Equal(Enumerable.Range(1, tokens - 1), Targets(rows));
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(5, 4)]
    [InlineData(6, 4)]
    [InlineData(13, 4)]
    [InlineData(1001, 64)]
    [InlineData(1025, 64)]
    public void MovingWindows_AreWhole_AsManyInEachEpoch_AndLeaveNothingOut(int tokens, int window)
    {
        var rows = new TokenRows(Counting(tokens), window, isMoving: true);
        var offsets = new HashSet<int>();
        var count = rows.Count;
        for (var epoch = 0; epoch < 50; epoch++)
        {
            rows.Windows.Move(new SeededRandom(epoch));
            offsets.Add(rows.Windows.Offset);
            Assert.Equal(count, rows.Windows.Count);
            var targets = Targets(rows).ToList();
            Assert.Equal(Enumerable.Range(1, tokens - 1), targets.Distinct().Order());
            Assert.InRange(targets.Count, tokens - 1, tokens - 1 + 2 * window);
            Assert.Equal(count * Math.Min(window, tokens - 1), targets.Count);
        }
        Assert.InRange(offsets.Count, Math.Min(window, 20), window);
    }

    [Fact]
    public void WhatIsSeen_IsWhatStandsBeforeTheTargets_AndPaddingHasNone()
    {
        var rows = new TokenRows(Counting(8), 4, isMoving: false);
        var (seen, following) = (new int[4], new long[4]);
        ((EqualStore<int>)rows.Inputs.Columns[0]).CopyTo(1, seen);
        ((EqualStore<long>)rows.Targets).CopyTo(1, following);
        Assert.Equal([4, 5, 6, 0], seen);
        Assert.Equal([5, 6, 7, StepTargets.None], following);
        Assert.Equal(0, rows.Bytes);
    }

    [Fact]
    public void TheEnd_IsSetAside_AndStandsStill()
    {
        var (rest, aside) = new TokenRows(Counting(100), 8, isMoving: true).Split(0.2);
        Assert.Equal(Enumerable.Range(81, 19), Targets(aside));
        rest.Windows.Move(new SeededRandom(1));
        aside.Windows.Move(new SeededRandom(1));
        Assert.Equal(0, aside.Windows.Offset);
        Assert.Equal(Enumerable.Range(1, 79), Targets(rest).Distinct().Order());
        Assert.Contains("leaves 99 to train on and 1 to validate on", Assert.Throws<InvalidOperationException>(() => new TokenRows(Counting(100), 8, true).Split(0.01)).Message);
    }

    private static TokenStream Counting(int tokens)
    {
        var stream = TokenStream.For(tokens);
        stream.Add(Enumerable.Range(0, tokens).ToArray());
        return stream;
    }

    private static IEnumerable<int> Targets(TokenRows rows)
    {
        for (var row = 0L; row < rows.Count; row++)
        {
            var target = new long[rows.Targets.RowLength];
            ((EqualStore<long>)rows.Targets).CopyTo(row, target);
            foreach (var token in target.Where(token => token != StepTargets.None))
                yield return (int)token;
        }
    }
}
