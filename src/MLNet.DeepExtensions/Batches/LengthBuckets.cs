namespace MLNet.DeepExtensions;

/// <summary>
/// Puts rows of like length into one batch, so that little of it is padding. Chance is kept: rows are mixed first, sorted within pools of many batches only,
/// and the batches are mixed again. The order depends on the dice alone.
/// </summary>
internal static class LengthBuckets
{
    private const int BatchesInPool = 50;

    /// <param name="order">The rows' numbers, mixed already where <paramref name="random"/> is given.</param>
    /// <param name="lengthOf">The length of a row.</param>
    /// <param name="batchSize">Rows in a batch; the last one has what is left.</param>
    /// <param name="random">Mixes the batches; null sorts all rows by length.</param>
    public static void Arrange(int[] order, Func<int, int> lengthOf, int batchSize, SeededRandom? random)
    {
        var pool = random is null ? order.Length : (int)Math.Min(order.Length, (long)BatchesInPool * batchSize);
        for (var first = 0; first < order.Length; first += Math.Max(1, pool))
        {
            var count = Math.Min(pool, order.Length - first);
            // a stable sort: rows of one length stay as mixed as they were
            order.AsSpan(first, count).ToArray().OrderBy(lengthOf).ToArray().CopyTo(order, first);
        }
        if (random is null)
            return;
        var batches = Enumerable.Range(0, order.Length / batchSize).ToArray();
        random.Shuffle<int>(batches);
        var sorted = order.ToArray();
        for (var i = 0; i < batches.Length; i++)
            Array.Copy(sorted, batches[i] * batchSize, order, i * batchSize, batchSize);
    }
}
