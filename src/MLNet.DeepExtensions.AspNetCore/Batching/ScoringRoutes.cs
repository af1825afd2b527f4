namespace MLNet.DeepExtensions;

/// <summary>
/// Which way is faster for so many rows: each by itself through a prediction engine, or all at once through a cursor, whose opening alone takes some 100 µs. It depends on the model, so both are timed while
/// they serve, and the slower one is tried again now and then. Models that score row by row anyway gain nothing by a batch.
/// </summary>
internal sealed class ScoringRoutes
{
    private const double Weight = 0.2;                      // of a new time in the running mean
    private const int TryAgainAfter = 256;

    private readonly double?[] together = new double?[13];  // seconds of a batch, by the power of two that its rows fill
    private readonly int[] notTried = new int[13];
    private double? one;                                    // seconds of one row by itself

    /// <summary>Gets whether the last batch of several rows was better scored at once.</summary>
    public bool BatchesPay { get; private set; } = true;

    public bool IsFasterTogether(int rows)
    {
        if (rows == 1)
            return false;
        var bucket = BucketOf(rows);
        var faster = together[bucket] is not { } batch || one is not { } row || batch <= row * rows;
        BatchesPay = faster;
        if (++notTried[bucket] < TryAgainAfter)
            return faster;
        notTried[bucket] = 0;
        return !faster;
    }

    public void TookTogether(int rows, TimeSpan time) => Mix(ref together[BucketOf(rows)], time.TotalSeconds);

    public void TookApart(int rows, TimeSpan time) => Mix(ref one, time.TotalSeconds / rows);

    private static void Mix(ref double? mean, double seconds) => mean = mean is { } old ? old + Weight * (seconds - old) : seconds;

    private static int BucketOf(int rows) => Math.Min(12, 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)rows - 1));
}
