using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sentiment;

/// <summary>What somebody wrote, and whether it is praise.</summary>
internal sealed class Review
{
    public string Text { get; set; } = "";

    /// <summary>Whether it is positive.</summary>
    public bool Label { get; set; }

    /// <summary>Its characters, and each two and three of them that stand beside each other: what the bag of n-grams sees.</summary>
    public string[] Grams => [.. Enumerable.Range(1, 3).SelectMany(length => Enumerable.Range(0, Math.Max(0, Text.Length - length + 1)).Select(start => Text.Substring(start, length).ToLowerInvariant()))];

    /// <summary>Reads lines of a text, a tab, and <c>positive</c> or <c>negative</c>.</summary>
    /// <exception cref="InvalidDataException">A line is something else.</exception>
    public static List<Review> Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' is missing: --data must name a folder with train.tsv and dev.tsv.");
        return [.. File.ReadLines(path).Where(line => line.Length > 0).Select((line, number) => line.LastIndexOf('\t') is > 0 and var tab && line[(tab + 1)..] is "positive" or "negative"
            ? new Review { Text = line[..line.LastIndexOf('\t')], Label = line.EndsWith("\tpositive", StringComparison.Ordinal) }
            : throw new InvalidDataException($"Line {number + 1} of '{path}' must be a text, a tab, and 'positive' or 'negative'."))];
    }
}

/// <summary>What a pipeline says of a review.</summary>
internal sealed class Opinion
{
    [ColumnName("PredictedLabel")]
    public bool IsPositive { get; set; }

    public float Probability { get; set; }
}
