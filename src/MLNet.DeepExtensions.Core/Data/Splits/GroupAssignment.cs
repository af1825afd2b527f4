namespace MLNet.DeepExtensions;

/// <summary>
/// Gives whole groups to parts, at random, so that the sizes come near the wanted ones: of all parts and, where there are strata, of each stratum in each part.
/// Near means the smallest sum of squared differences in rows. A few groups are tried in every way; many are drawn and then moved and exchanged
/// until no move or exchange brings the sizes nearer (finding the very best would take longer than any training).
/// </summary>
internal sealed class GroupAssignment
{
    private const int FewGroups = 10;                       // 3^10 = 59,049 ways,
    private const int FewEntries = 200;                     // and few strata to count in each
    private const long EffortPerStart = 4_000_000;          // moves and exchanges looked at
    private const double Nothing = 1e-3;                    // differences of squares below this may be rounding

    private readonly RowGroups groups;
    private readonly SeededRandom random;
    private readonly int parts;
    private readonly double[] missing;                      // [stratum, part] rows that are wanted but not there yet; negative: too many
    private readonly double[] missingInPart;
    private readonly int[] partOf;

    private GroupAssignment(RowGroups groups, double[] fractions, SeededRandom random)
    {
        (this.groups, this.random, parts) = (groups, random, fractions.Length);
        missing = [.. from rows in groups.StratumRows from fraction in fractions select rows * fraction];
        missingInPart = [.. from fraction in fractions select groups.StratumRows.Sum() * fraction];
        partOf = new int[groups.Count];
    }

    /// <summary>Gives the part of each group.</summary>
    public static int[] Assign(RowGroups groups, double[] fractions, SeededRandom random)
    {
        if (groups.Count <= FewGroups && groups.Entries <= FewEntries)
            return new GroupAssignment(groups, fractions, random).TryAll();
        GroupAssignment? best = null;
        for (var start = 0; start < (groups.Count <= 1000 ? 4 : 1) && best is not { IsExact: true }; start++)
        {
            var next = new GroupAssignment(groups, fractions, random);
            next.Draw();
            next.Improve();
            if (best is null || next.Cost < best.Cost - Nothing)
                best = next;
        }
        return best!.partOf;
    }

    private double Cost => missing.Sum(rows => rows * rows) + missingInPart.Sum(rows => rows * rows);

    // less than a row off everywhere
    private bool IsExact => missing.All(rows => Math.Abs(rows) < 1) && missingInPart.All(rows => Math.Abs(rows) < 1);

    private int[] TryAll()
    {
        var (best, bestCost, equals) = ((int[])partOf.Clone(), double.MaxValue, 0);
        Try(0, Cost);
        return best;

        void Try(int group, double cost)
        {
            if (group < groups.Count)
            {
                for (var part = 0; part < parts; part++)
                {
                    var change = CostOf(group, part, 1);
                    Put(group, part, 1);
                    Try(group + 1, cost + change);
                    Put(group, part, -1);
                }
                return;
            }
            if (cost > bestCost + Nothing)
                return;
            // of equally good ways each is as likely
            equals = cost < bestCost - Nothing ? 1 : equals + 1;
            bestCost = Math.Min(cost, bestCost);
            if (random.Below(equals) == 0)
                partOf.CopyTo(best, 0);
        }
    }

    // a part is as likely as it still wants rows of the group's strata
    private void Draw()
    {
        var wanted = new double[parts];
        foreach (var group in random.Permutation(groups.Count))
        {
            var strata = groups.Strata(group);
            var rows = groups.Rows(group);
            for (var part = 0; part < parts; part++)
            {
                wanted[part] = 0;
                for (var i = 0; i < strata.Length; i++)
                    wanted[part] += rows[i] * Math.Max(0, missing[strata[i] * parts + part]);
            }
            var ticket = wanted.Sum() * random.Fraction();
            var chosen = 0;
            while (chosen < parts - 1 && ticket >= wanted[chosen])
                ticket -= wanted[chosen++];
            Put(group, chosen, 1);
        }
    }

    private void Improve()
    {
        var effort = EffortPerStart;
        while (effort > 0 && !IsExact && (MoveEach(ref effort) || ExchangeEach(ref effort)))
        {
        }
    }

    private bool MoveEach(ref long effort)
    {
        var improved = false;
        foreach (var group in random.Permutation(groups.Count))
        {
            var from = partOf[group];
            var without = CostOf(group, from, -1);
            var (to, gain) = (from, -Nothing);
            for (var part = 0; part < parts; part++)
                if (part != from && without + CostOf(group, part, 1) is var change && change < gain)
                    (to, gain) = (part, change);
            effort -= groups.Strata(group).Length;
            if (to == from)
                continue;
            Put(group, from, -1);
            Put(group, to, 1);
            improved = true;
        }
        return improved;
    }

    private bool ExchangeEach(ref long effort)
    {
        // each with all others where they are few, else with as many as the effort allows
        var partners = (int)Math.Clamp(EffortPerStart / 4 / groups.Count, 1, groups.Count);
        var order = random.Permutation(groups.Count);
        var improved = false;
        for (var i = 0; i < order.Length && effort > 0; i++)
        {
            var first = (int)random.Below(order.Length);
            for (var k = 0; k < partners; k++)
                improved |= Exchange(order[i], order[(first + k) % order.Length], ref effort);
        }
        return improved;
    }

    private bool Exchange(int a, int b, ref long effort)
    {
        var (partOfA, partOfB) = (partOf[a], partOf[b]);
        if (partOfA == partOfB)
            return false;
        effort -= groups.Strata(a).Length + groups.Strata(b).Length;
        var change = CostOf(a, partOfA, -1);
        Put(a, partOfA, -1);
        change += CostOf(a, partOfB, 1);
        Put(a, partOfB, 1);
        change += CostOf(b, partOfB, -1);
        Put(b, partOfB, -1);
        change += CostOf(b, partOfA, 1);
        Put(b, partOfA, 1);
        if (change < -Nothing)
            return true;
        Put(b, partOfA, -1);
        Put(b, partOfB, 1);
        Put(a, partOfB, -1);
        Put(a, partOfA, 1);
        return false;
    }

    // what the sum of squares gains when a group comes (1) or goes (-1)
    private double CostOf(int group, int part, int sign)
    {
        var strata = groups.Strata(group);
        var rows = groups.Rows(group);
        var change = 0.0;
        var size = 0L;
        for (var i = 0; i < strata.Length; i++)
        {
            change += rows[i] * (rows[i] - 2 * sign * missing[strata[i] * parts + part]);
            size += rows[i];
        }
        return change + size * (size - 2 * sign * missingInPart[part]);
    }

    private void Put(int group, int part, int sign)
    {
        var strata = groups.Strata(group);
        var rows = groups.Rows(group);
        for (var i = 0; i < strata.Length; i++)
        {
            missing[strata[i] * parts + part] -= sign * rows[i];
            missingInPart[part] -= sign * rows[i];
        }
        partOf[group] = part;
    }
}
