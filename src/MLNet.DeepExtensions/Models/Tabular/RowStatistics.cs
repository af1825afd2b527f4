namespace MLNet.DeepExtensions;

/// <summary>What an architecture may learn of the training rows before it is built.</summary>
/// <param name="Columns">For each column its features' statistics; null for columns that are no numbers.</param>
internal sealed record RowStatistics(IReadOnlyList<IReadOnlyList<NumberStatistics>?> Columns);

/// <summary>One feature's numbers in the training rows; those that are missing count nowhere but in <paramref name="HasMissing"/>.</summary>
/// <param name="Mean">Their mean; 0 where there are none.</param>
/// <param name="Std">Their standard deviation; 1 where they never change.</param>
/// <param name="HasMissing">Whether a row has none.</param>
/// <param name="Sample">All of them, or a random sample where they are many, from the smallest to the largest.</param>
internal sealed record NumberStatistics(float Mean, float Std, bool HasMissing, float[] Sample)
{
    /// <summary>
    /// The values that cut the sample into parts of like size, linear between two of them as numpy's. A value that fills more than a part by itself, such as the 0 of a sum that most rows do not have, counts as one part,
    /// so that the others get theirs.
    /// </summary>
    /// <param name="parts">How many parts, at least 1.</param>
    /// <returns>From the smallest value to the largest: at most one more than parts; all of them where they are few, and none without values.</returns>
    public IReadOnlyList<float> Quantiles(int parts)
    {
        var runs = new List<(float Value, int Count)>();
        foreach (var value in Sample)
            if (runs.Count > 0 && runs[^1].Value == value)
                runs[^1] = (value, runs[^1].Count + 1);
            else
                runs.Add((value, 1));
        if (runs.Count <= parts + 1)
            return [.. runs.Select(run => run.Value)];
        // what is cut off of the heavy values makes the parts smaller, and lighter values heavy: a few rounds settle it
        for (var round = 0; round < 8; round++)
        {
            var most = (int)Math.Max(1, runs.Sum(run => (long)run.Count) / parts);
            runs = [.. runs.Select(run => run with { Count = Math.Min(run.Count, most) })];
        }
        var values = runs.SelectMany(run => Enumerable.Repeat(run.Value, run.Count)).ToArray();
        var cuts = new List<float>(parts + 1);
        for (var i = 0; i <= parts; i++)
        {
            var place = (double)i * (values.Length - 1) / parts;
            var (below, share) = ((int)place, place - Math.Floor(place));
            var cut = share == 0 ? values[below] : (float)(values[below] + share * ((double)values[below + 1] - values[below]));
            if (cuts.Count == 0 || cut > cuts[^1])
                cuts.Add(cut);
        }
        return cuts;
    }
}
