namespace MLNet.DeepExtensions;

/// <summary>Which rows go through a network together: all of one length at once; else those of like length, so that a row does not pay for the longest one of all, nor a long one's memory multiply by all rows.</summary>
internal static class LikeRows
{
    /// <param name="rows">The rows.</param>
    /// <param name="numbersInBatch">The numbers that one pass should take in at most.</param>
    /// <param name="numbersOf">How many numbers each value of a column stands for; null for one.</param>
    public static IEnumerable<int[]> Of(InputRows rows, long numbersInBatch, Func<RowStore, int>? numbersOf = null)
    {
        var count = (int)rows.Count;
        var ragged = rows.Columns.Where(column => column.IsRagged).ToList();
        return ragged.Count == 0 ? [[.. Enumerable.Range(0, count)]] : OfLikeLength([.. ragged.Select(column => (column, column.RowLength * (long)(numbersOf?.Invoke(column) ?? 1)))], count, numbersInBatch);
    }

    private static IEnumerable<int[]> OfLikeLength(List<(RowStore Column, long NumbersPerStep)> ragged, int rows, long numbersInBatch)
    {
        var order = Enumerable.Range(0, rows).OrderBy(Numbers).ToArray();
        for (var first = 0; first < rows;)
        {
            var count = 1;
            while (first + count < rows && Numbers(order[first + count]) is var numbers && numbers * (count + 1) <= numbersInBatch && numbers <= 2 * Numbers(order[first]) + 64)
                count++;
            yield return order[first..(first + count)];
            first += count;
        }

        long Numbers(int row) => ragged.Sum(item => item.Column.LengthOf(row) * item.NumbersPerStep);
    }
}
