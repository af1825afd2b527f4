namespace MLNet.DeepExtensions;

/// <summary>Some of the rows in memory, by number: all of them, or one side of a split.</summary>
internal sealed class RowSet
{
    private readonly int[]? indices;

    private RowSet(TrainingRows rows, int[]? indices) => (Rows, this.indices) = (rows, indices);

    public TrainingRows Rows { get; }

    public int Count => indices?.Length ?? checked((int)Rows.Count);

    /// <summary>The number that a row of the set has among all rows.</summary>
    public int this[int place] => indices?[place] ?? place;

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

    /// <summary>Sets a share of the rows aside, as their kind asks for.</summary>
    /// <exception cref="InvalidOperationException">One side would have no row.</exception>
    public (RowSet Remaining, RowSet Aside) Split(double fraction, int seed)
    {
        var mine = new int[Count];
        CopyIndices(mine);
        var (rest, aside) = Rows.Split(mine, fraction, seed);
        if (aside.Length == 0 || rest.Length == 0)
            throw new InvalidOperationException($"ValidationFraction = {fraction} of {Count} rows leaves {rest.Length} to train on and {aside.Length} to validate on; each needs at least one.");
        return (new RowSet(Rows, rest), new RowSet(Rows, aside));
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
                return Rows.StratumOf(row);
            answers.CopyTo(row, answer);
            return answer[0] > 0.5f ? 1 : 0;
        }
    }
}
