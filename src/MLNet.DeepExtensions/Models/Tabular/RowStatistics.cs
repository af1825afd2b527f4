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
    /// <summary>The values that cut the sample into parts of like size, linear between two of them as numpy's; equal ones come once.</summary>
    /// <param name="parts">How many parts, at least 1.</param>
    /// <returns>From the smallest value to the largest: at most one more than parts; fewer where values repeat, and none without values.</returns>
    public IReadOnlyList<float> Quantiles(int parts)
    {
        if (Sample.Length == 0)
            return [];
        var cuts = new List<float>(parts + 1);
        for (var i = 0; i <= parts; i++)
        {
            var place = (double)i * (Sample.Length - 1) / parts;
            var (below, share) = ((int)place, place - Math.Floor(place));
            var cut = share == 0 ? Sample[below] : (float)(Sample[below] + share * ((double)Sample[below + 1] - Sample[below]));
            if (cuts.Count == 0 || cut > cuts[^1])
                cuts.Add(cut);
        }
        return cuts;
    }
}
