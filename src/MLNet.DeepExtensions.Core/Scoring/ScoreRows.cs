namespace MLNet.DeepExtensions;

/// <summary>What a network gave for each row of a batch, after softmax or sigmoid: as many numbers for each as the task has outputs, or as many times that as the row has steps.</summary>
internal sealed class ScoreRows
{
    private float[] values = [];
    private int filled;
    private (int Start, int Length)[] rows = [];

    /// <summary>Forgets all rows.</summary>
    /// <param name="count">How many will come.</param>
    public void Begin(int count)
    {
        filled = 0;
        if (rows.Length < count)
            rows = new (int, int)[count];
    }

    /// <summary>Takes a row's scores over, in any order of rows.</summary>
    public void Set(int row, ReadOnlySpan<float> scores)
    {
        if (values.Length < filled + scores.Length)
            Array.Resize(ref values, Math.Max(filled + scores.Length, 2 * values.Length));
        scores.CopyTo(values.AsSpan(filled));
        rows[row] = (filled, scores.Length);
        filled += scores.Length;
    }

    /// <summary>Answers a row that could not be read.</summary>
    public void SetMissing(int row) => values.AsSpan(rows[row].Start, rows[row].Length).Fill(float.NaN);

    public ReadOnlySpan<float> this[int row] => values.AsSpan(rows[row].Start, rows[row].Length);
}
