namespace MLNet.DeepExtensions;

/// <summary>How good lists of recommended items are, as means over users.</summary>
public sealed record RecommendationMetrics
{
    private RecommendationMetrics() { }

    /// <summary>Gets the share of users whose list has at least one of the items that they chose later (HR@K).</summary>
    public double HitRate { get; private init; }

    /// <summary>Gets the normalised discounted cumulative gain (NDCG@K): an item that was chosen counts 1 / log2(1 + its place), over the best that a list of that length could reach.</summary>
    public double Ndcg { get; private init; }

    /// <summary>Gets how many users were asked about.</summary>
    public int Users { get; private init; }

    /// <summary>Judges lists.</summary>
    /// <typeparam name="T">What names an item.</typeparam>
    /// <param name="users">For each user the recommended items, the best first, and those that the user chose; users who chose none are left out.</param>
    /// <param name="count">How many places of a list count, K, at least 1.</param>
    /// <returns>The means; 0 without users.</returns>
    public static RecommendationMetrics Of<T>(IEnumerable<(IReadOnlyList<T> Recommended, IReadOnlyCollection<T> Chosen)> users, int count = 10)
    {
        ArgumentNullException.ThrowIfNull(users);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var (hits, gains, asked) = (0, 0.0, 0);
        foreach (var (recommended, chosen) in users)
        {
            if (chosen.Count == 0)
                continue;
            asked++;
            var set = chosen.ToHashSet();
            var gain = recommended.Take(count).Select((item, place) => set.Contains(item) ? Gain(place) : 0).Sum();
            hits += gain > 0 ? 1 : 0;
            gains += gain / Enumerable.Range(0, Math.Min(count, set.Count)).Sum(Gain);
        }
        return new RecommendationMetrics { HitRate = asked == 0 ? 0 : (double)hits / asked, Ndcg = asked == 0 ? 0 : gains / asked, Users = asked };

        static double Gain(int place) => 1 / Math.Log2(place + 2);
    }
}
