namespace MLNet.DeepExtensions;

/// <summary>Counts the rows that were left out, and why; any number of threads may count.</summary>
internal sealed class SkippedRows
{
    private const int NamesKept = 10;

    private readonly long[] counts = new long[4];
    private readonly SortedDictionary<string, string> broken = new(StringComparer.Ordinal);

    public enum Reason
    {
        Label,
        Weight,
        Features,
        Picture,
    }

    /// <summary>Gets how many were left out.</summary>
    public long Total => counts.Sum();

    public void Count(Reason reason) => Interlocked.Increment(ref counts[(int)reason]);

    public void CountBroken(InvalidImageException failure)
    {
        Count(Reason.Picture);
        lock (broken)
        {
            broken[failure.Name] = failure.Reason;
            if (broken.Count > NamesKept)
                broken.Remove(broken.Keys.Last());
        }
    }

    /// <summary>What was left out, in a few sentences, or null where nothing was.</summary>
    public string? Describe(string setName, long remaining)
    {
        if (counts.Sum() == 0)
            return null;
        string[] reasons = ["without a label", "without a weight", "with missing features", "whose picture cannot be read"];
        var parts = reasons.Select((reason, i) => (reason, count: counts[i])).Where(part => part.count > 0).Select(part => $"{part.count:N0} {part.reason}");
        var text = $"Left out of the {setName} rows: {string.Join(", ", parts)}; {remaining:N0} remain.";
        if (broken.Count == 0)
            return text;
        var more = counts[(int)Reason.Picture] - broken.Count;
        return text + string.Concat(broken.Select(picture => $"\n  {picture.Key} {picture.Value}")) + (more > 0 ? $"\n  and {more:N0} more." : "");
    }
}
