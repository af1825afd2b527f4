using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Batches of some classes and as many rows of each (Hermans et al. 2017, "PK batches"): what losses over pairs and triplets need, which learn from rows of one class in one batch.
/// Classes come equally often. A class with fewer rows gives them again. An epoch has as many whole batches as the set has rows for, at least one.
/// </summary>
[ConfigName("classes-per-batch")]
public sealed record ClassesPerBatch : Sampling
{
    /// <summary>Gets the classes in a batch (P).</summary>
    /// <value>At least 2. The default, null, is as many as <c>BatchSize</c> has room for, and at most all.</value>
    [Range(2, 1 << 16)]
    public int? Classes { get; init; }

    /// <summary>Gets the rows of each class in a batch (K).</summary>
    /// <value>At least 2. The default is 4.</value>
    [Range(2, 1 << 16)]
    public int Rows { get; init; } = 4;

    /// <inheritdoc/>
    public override int BatchSize(int asked, int classes)
    {
        var wanted = Classes ?? Math.Max(2, Math.Min(classes, asked / Rows));
        return wanted <= classes ? wanted * Rows : throw new ArgumentException(
            $"ClassesPerBatch takes {wanted} classes for each batch, but only {classes} {(classes == 1 ? "has" : "have")} training rows. Set Classes to at most that, or give more classes.");
    }

    /// <inheritdoc/>
    public override int[] Draw(IReadOnlyList<int[]> classes, int batchSize, Func<int, int> below)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(below);
        var batches = Math.Max(1, classes.Sum(numbers => numbers.Length) / batchSize);
        var (turns, decks) = (new Deck(Enumerable.Range(0, classes.Count), below), classes.Select(numbers => new Deck(numbers, below)).ToList());
        var (rows, chosen) = (new int[batches * batchSize], new int[batchSize / Rows]);
        for (var first = 0; first < rows.Length;)
        {
            if (first % batchSize == 0)
                turns.Deal(chosen);
            decks[chosen[first % batchSize / Rows]].Deal(rows.AsSpan(first, Rows));
            first += Rows;
        }
        return rows;
    }
}
