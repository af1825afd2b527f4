namespace MLNet.DeepExtensions;

/// <summary>
/// How many rows of each stratum go to each part: the exact number, a fraction of the stratum, rounded down or up, so that
/// the strata's rows are all given away and the parts as wholes get exactly their share of all rows.
/// Rounding each stratum on its own would not do: a hundred strata of five rows, split 0.7, 0.2, 0.1, could leave the last part empty.
/// </summary>
internal static class Apportionment
{
    // a fraction of a count that is this near a whole number is that number: 0.7 is not exactly seven tenths
    private const double Snap = 1e-6;

    /// <summary>Gives the rows of each part in each stratum.</summary>
    /// <param name="counts">The rows of each stratum.</param>
    /// <param name="fractions">The parts' shares, which sum to 1.</param>
    public static long[][] Share(IReadOnlyList<long> counts, double[] fractions)
    {
        var shares = counts.Select(count => LargestRemainder(count, fractions)).ToArray();
        var wanted = LargestRemainder(counts.Sum(), fractions);
        var surplus = new long[fractions.Length];
        for (var part = 0; part < surplus.Length; part++)
            surplus[part] = shares.Sum(share => share[part]) - wanted[part];
        Balance(shares, counts, fractions, surplus);
        return shares;
    }

    /// <summary>Rounds down, then gives the rows that are left to where most was cut off; of equals, to the smaller part first.</summary>
    public static long[] LargestRemainder(long count, double[] fractions)
    {
        var share = new long[fractions.Length];
        for (var part = 0; part < share.Length; part++)
            share[part] = Whole(count, fractions[part]);
        var left = (int)(count - share.Sum());
        var byRemainder = Enumerable.Range(0, share.Length)
            .OrderByDescending(part => Math.Round(Remainder(count, fractions[part]), 6)).ThenBy(part => fractions[part]).ThenByDescending(part => part);
        foreach (var part in byRemainder.Take(left))
            share[part]++;
        return share;
    }

    // Rows rounded up in a part that has too many are given to one that has too few, where that costs the strata least. As long as a part has
    // too many there is such a stratum, or a way by the third part: a table can always be rounded together with its margins (Bacharach 1966).
    // The bound is for fractions at the edge of a double's precision, where a part as a whole may then stay a row off.
    private static void Balance(long[][] shares, IReadOnlyList<long> counts, double[] fractions, long[] surplus)
    {
        for (var round = 0; round < 32 && surplus.Any(rows => rows != 0); round++)
        {
            var moved = false;
            foreach (var (from, to) in Pairs(surplus))
                moved |= Move(from, to, Math.Min(surplus[from], -surplus[to])) > 0;
            if (moved)
                continue;
            var (full, empty) = Pairs(surplus).First();
            var between = Enumerable.Range(0, surplus.Length).Single(part => part != full && part != empty);
            Move(full, between, Math.Min(surplus[full], -surplus[empty]));
        }

        long Move(int from, int to, long rows)
        {
            var candidates = Enumerable.Range(0, shares.Length)
                .Where(stratum => IsRoundedUp(stratum, from) && !IsRoundedUp(stratum, to) && Remainder(counts[stratum], fractions[to]) > 0)
                .OrderBy(stratum => Remainder(counts[stratum], fractions[from]) - Remainder(counts[stratum], fractions[to]))
                .Take((int)Math.Min(rows, int.MaxValue)).ToList();
            foreach (var stratum in candidates)
            {
                shares[stratum][from]--;
                shares[stratum][to]++;
            }
            surplus[from] -= candidates.Count;
            surplus[to] += candidates.Count;
            return candidates.Count;
        }

        bool IsRoundedUp(int stratum, int part) => shares[stratum][part] > Whole(counts[stratum], fractions[part]);
    }

    private static List<(int From, int To)> Pairs(long[] surplus) =>
        [.. from full in Enumerable.Range(0, surplus.Length) from empty in Enumerable.Range(0, surplus.Length) where surplus[full] > 0 && surplus[empty] < 0 select (full, empty)];

    private static long Whole(long count, double fraction)
    {
        var exact = count * fraction;
        var nearest = Math.Round(exact);
        return (long)(Math.Abs(exact - nearest) < Snap ? nearest : Math.Floor(exact));
    }

    private static double Remainder(long count, double fraction) => count * fraction - Whole(count, fraction) is var rest && rest > Snap ? rest : 0;
}
