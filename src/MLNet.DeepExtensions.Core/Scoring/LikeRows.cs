namespace MLNet.DeepExtensions;

/// <summary>Which rows go through a network together: all of one length at once; else those of like length, so that a row does not pay for the longest one of all, nor a long one's memory multiply by all rows.</summary>
internal static class LikeRows
{
    /// <summary>The numbers that one forward pass takes in: enough to keep the cores busy, little enough to stay near them.</summary>
    public const long NumbersInBatch = 1 << 20;

    // a category becomes a vector
    private const int NumbersPerId = 64;

    // a network works longer on a number that goes in than it takes to write some out
    private const int OutputsPerNumber = 16;

    /// <param name="rows">The rows.</param>
    /// <param name="task">What the network is asked.</param>
    public static IEnumerable<int[]> Of(InputRows rows, DeepTask task)
    {
        var count = (int)rows.Count;
        var ragged = rows.Columns.Where(column => column.IsRagged).ToList();
        return ragged.Count == 0 ? [[.. Enumerable.Range(0, count)]] : OfLikeLength([.. ragged.Select(column => (column, (long)column.RowLength * NumbersOf(column, task)))], count);
    }

    /// <summary>How many numbers a value of a column stands for: of a text that is judged, each token has as many outputs as there are tokens.</summary>
    public static int NumbersOf(RowStore column, DeepTask task) => column.Elements != ElementKind.Int32 ? 1
        : task is LanguageModelTask language ? Math.Max(NumbersPerId, language.Vocabulary / OutputsPerNumber) : NumbersPerId;

    private static IEnumerable<int[]> OfLikeLength(List<(RowStore Column, long NumbersPerStep)> ragged, int rows)
    {
        var order = Enumerable.Range(0, rows).OrderBy(Numbers).ToArray();
        for (var first = 0; first < rows;)
        {
            var count = 1;
            while (first + count < rows && Numbers(order[first + count]) is var numbers && numbers * (count + 1) <= NumbersInBatch && numbers <= 2 * Numbers(order[first]) + 64)
                count++;
            yield return order[first..(first + count)];
            first += count;
        }

        long Numbers(int row) => ragged.Sum(item => item.Column.LengthOf(row) * item.NumbersPerStep);
    }
}
