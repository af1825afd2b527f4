namespace MLNet.DeepExtensions;

/// <summary>What to do with a training or validation row whose features hold NaN.</summary>
public enum MissingFeatures
{
    /// <summary>Stop with an error that names the row.</summary>
    Error,

    /// <summary>Use 0 in their place.</summary>
    Zero,

    /// <summary>Leave the row out; how many were left out is logged once.</summary>
    SkipRow,

    /// <summary>Hand NaN to the network, which must know what to do with it, as <c>TabularNet</c> does. A row without any step of a sequence stays an error.</summary>
    Keep,
}

/// <summary>Rows as a trainer needs them, in memory: features, targets and, where asked for, weights.</summary>
internal class TrainingRows(InputRows inputs, RowStore targets, RowStore<float>? weights)
{
    public InputRows Inputs => inputs;

    public RowStore Targets => targets;

    public RowStore<float>? Weights => weights;

    public long Count => inputs.Count;

    public long Bytes => inputs.Bytes + targets.Bytes + (weights?.Bytes ?? 0);

    /// <summary>Reads a source once, in its own order, on all cores where rows are costly.</summary>
    /// <param name="source">What to read.</param>
    /// <param name="memory">Where to keep it; null for managed memory without limit.</param>
    /// <param name="skipped">Counts what is left out.</param>
    /// <param name="threads">How many cursors to ask for.</param>
    /// <param name="everyFewRows">Is called now and then and may throw.</param>
    /// <exception cref="RowMemorySpentException">The rows are more than may be kept.</exception>
    public static TrainingRows Read(RowSource source, RowMemory? memory, SkippedRows skipped, int threads, Action everyFewRows)
    {
        TrainingRows? all = null;
        foreach (var block in RowBlocks.Read(source, skipped, threads, random: null, everyFewRows))
        {
            // a source that tells how many rows come, and how large they are, need not be read in vain
            all ??= block.Rows.NewLike(memory, source.Data.GetRowCount());
            for (var row = 0L; row < block.Rows.Count; row++)
                all.AddFrom(block.Rows, row);
        }
        return all ?? throw new InvalidOperationException("A source gave no block.");
    }

    /// <summary>Sets a share of some rows aside; each class gives its share, to within one row.</summary>
    /// <param name="which">The rows' numbers, which are mixed.</param>
    /// <param name="fraction">The share.</param>
    /// <param name="seed">Seeds the choice.</param>
    public virtual (int[] Remaining, int[] Aside) Split(int[] which, double fraction, int seed)
    {
        new SeededRandom(unchecked(seed * 397 ^ 0x5EED)).Shuffle<int>(which);
        var strata = which.GroupBy(StratumOf).OrderBy(group => group.Key).Select(group => group.ToArray()).ToList();
        var shares = Apportionment.Share([.. strata.Select(stratum => (long)stratum.Length)], [1 - fraction, fraction]);
        var (rest, aside) = (new List<int>(), new List<int>());
        foreach (var (stratum, share) in strata.Zip(shares))
        {
            rest.AddRange(stratum.AsSpan(0, (int)share[0]));
            aside.AddRange(stratum.AsSpan((int)share[0]));
        }
        aside.Sort();
        rest.Sort();
        return ([.. rest], [.. aside]);
    }

    public TrainingRows NewLike(RowMemory? memory, long? expectedRows) =>
        new(inputs.NewLike(memory, expectedRows), targets.NewLike(null, expectedRows), (RowStore<float>?)weights?.NewLike(null, expectedRows));

    public void AddFrom(TrainingRows other, long row)
    {
        inputs.AddFrom(other.Inputs, row);
        targets.AddFrom(other.Targets, row);
        weights?.AddFrom(other.Weights!, row);
    }

    public void ReplaceFrom(long target, TrainingRows other, long row)
    {
        inputs.ReplaceFrom(target, other.Inputs, row);
        targets.ReplaceFrom(target, other.Targets, row);
        weights?.ReplaceFrom(target, other.Weights!, row);
    }

    public void Clear()
    {
        inputs.Clear();
        targets.Clear();
        weights?.Clear();
    }

    // a target that is not a class has one stratum
    internal long StratumOf(int row)
    {
        if (targets is not RowStore<long> classes)
            return 0;
        Span<long> target = stackalloc long[1];
        classes.CopyTo(row, target);
        return target[0];
    }
}
