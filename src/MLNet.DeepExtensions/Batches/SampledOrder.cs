namespace MLNet.DeepExtensions;

/// <summary>The rows of each epoch as a <see cref="Sampling"/> draws them.</summary>
internal sealed class SampledOrder
{
    private readonly Sampling sampling;
    private readonly IReadOnlyList<int[]> classes;
    private readonly int seed;

    /// <param name="set">The rows; their targets are classes, or yes and no.</param>
    /// <param name="sampling">Draws them.</param>
    /// <param name="batchSize">The rows in a batch that were asked for.</param>
    /// <param name="seed">Seeds the draws of each epoch together with its number.</param>
    public SampledOrder(RowSet set, Sampling sampling, int batchSize, int seed)
    {
        (this.sampling, this.seed) = (sampling, seed);
        classes = set.RowsOfClasses();
        BatchSize = sampling.BatchSize(batchSize, classes.Count);
        Rows = Draw(1).Length;
    }

    public int BatchSize { get; }

    /// <summary>Gets the rows in an epoch.</summary>
    public int Rows { get; }

    /// <exception cref="InvalidOperationException">The sampling gave no rows, or not as many as in the first epoch.</exception>
    public int[] Draw(int epoch)
    {
        var random = new SeededRandom(unchecked(seed * 397 ^ epoch));
        var rows = sampling.Draw(classes, BatchSize, limit => (int)random.Below(limit));
        return rows.Length > 0 && (Rows == 0 || rows.Length == Rows) ? rows : throw new InvalidOperationException(
            $"{sampling.GetType().Name}.Draw gave {rows.Length} rows in epoch {epoch}{(Rows == 0 ? "" : $", but {Rows} in the first")}. It must give equally many in each, at least one.");
    }
}
