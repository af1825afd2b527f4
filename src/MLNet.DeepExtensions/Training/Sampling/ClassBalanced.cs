namespace MLNet.DeepExtensions;

/// <summary>
/// Each class is drawn equally often, however few rows it has: those of a rare class come several times in an epoch, and some of a frequent one wait for the next epoch.
/// An epoch has as many rows as the set.
/// </summary>
[ConfigName("class-balanced")]
public sealed record ClassBalanced : Sampling
{
    /// <inheritdoc/>
    public override int[] Draw(IReadOnlyList<int[]> classes, int batchSize, Func<int, int> below)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(below);
        var rows = new int[classes.Sum(numbers => numbers.Length)];
        var (turns, decks) = (new Deck(Enumerable.Range(0, classes.Count), below), classes.Select(numbers => new Deck(numbers, below)).ToList());
        Span<int> turn = stackalloc int[1];
        for (var i = 0; i < rows.Length; i++)
        {
            turns.Deal(turn);
            decks[turn[0]].Deal(rows.AsSpan(i, 1));
        }
        return rows;
    }
}
