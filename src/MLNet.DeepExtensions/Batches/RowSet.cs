namespace MLNet.DeepExtensions;

/// <summary>Some of the rows in memory, by number: all of them, or one side of a split.</summary>
internal sealed class RowSet
{
    private readonly int[]? indices;

    private RowSet(TrainingRows rows, int[]? indices) => (Rows, this.indices) = (rows, indices);

    public TrainingRows Rows { get; }

    public int Count => indices?.Length ?? checked((int)Rows.Count);

    public static RowSet All(TrainingRows rows) => new(rows, null);

    /// <summary>Fills an array of <see cref="Count"/> row numbers, in the rows' own order.</summary>
    public void CopyIndices(Span<int> target)
    {
        if (indices is not null)
            indices.CopyTo(target);
        else
            for (var i = 0; i < target.Length; i++)
                target[i] = i;
    }

    /// <summary>Sets a share of the rows aside; each class gives its share, to within one row.</summary>
    /// <exception cref="InvalidOperationException">One side would have no row.</exception>
    public (RowSet Remaining, RowSet Aside) Split(double fraction, int seed)
    {
        var mine = new int[Count];
        CopyIndices(mine);
        new SeededRandom(unchecked(seed * 397 ^ 0x5EED)).Shuffle<int>(mine);
        var strata = mine.GroupBy(StratumOf).OrderBy(group => group.Key).Select(group => group.ToArray()).ToList();
        var shares = Apportionment.Share([.. strata.Select(stratum => (long)stratum.Length)], [1 - fraction, fraction]);
        var (rest, aside) = (new List<int>(), new List<int>());
        foreach (var (stratum, share) in strata.Zip(shares))
        {
            rest.AddRange(stratum.AsSpan(0, (int)share[0]));
            aside.AddRange(stratum.AsSpan((int)share[0]));
        }
        if (aside.Count == 0 || rest.Count == 0)
            throw new InvalidOperationException($"ValidationFraction = {fraction} of {Count} rows leaves {rest.Count} to train on and {aside.Count} to validate on; each needs at least one.");
        aside.Sort();
        rest.Sort();
        return (new RowSet(Rows, [.. rest]), new RowSet(Rows, [.. aside]));
    }

    /// <summary>The numbers of each class's rows, in the rows' own order; the classes in theirs. A target that is one number is yes above a half.</summary>
    public IReadOnlyList<int[]> RowsOfClasses()
    {
        var mine = new int[Count];
        CopyIndices(mine);
        var answer = new float[1];
        return [.. mine.GroupBy(ClassOf).OrderBy(group => group.Key).Select(group => group.ToArray())];

        long ClassOf(int row)
        {
            if (Rows.Targets is not RowStore<float> answers)
                return StratumOf(row);
            answers.CopyTo(row, answer);
            return answer[0] > 0.5f ? 1 : 0;
        }
    }

    // a target that is not a class has one stratum
    private long StratumOf(int row)
    {
        if (Rows.Targets is not RowStore<long> classes)
            return 0;
        Span<long> target = stackalloc long[1];
        classes.CopyTo(row, target);
        return target[0];
    }
}
