using System.Globalization;

namespace MLNet.DeepExtensions.Tool.Tables;

/// <summary>What a look at all values of a column tells.</summary>
internal sealed class ColumnProfile(string name, int index)
{
    private const int MostDistinct = 100_000;

    private readonly HashSet<string> distinct = new(StringComparer.Ordinal);
    private bool allNumbers = true, allBooleans = true, allTimes = true, consecutive = true;
    private double previous = double.NaN;
    private long length;

    public string Name => name;

    public int Index => index;

    public long Rows { get; private set; }

    public long Missing { get; private set; }

    /// <summary>Gets the number of different values, as far as they were counted.</summary>
    public int Distinct => distinct.Count;

    public IReadOnlyCollection<string> Values => distinct;

    /// <summary>Gets a value that is not missing.</summary>
    public string? Example { get; private set; }

    public bool IsNumeric => allNumbers && Missing < Rows;

    public bool IsBoolean => allBooleans && Missing == 0;

    public bool IsTime => allTimes && Missing < Rows && !IsNumeric;

    /// <summary>Gets whether the column numbers its rows, each one more than the one before.</summary>
    public bool NumbersRows => IsNumeric && consecutive && Missing == 0 && Rows > 2;

    public double MeanLength => Rows == Missing ? 0 : (double)length / (Rows - Missing);

    /// <summary>Gets whether nearly every row has a value of its own: names and remarks, not categories.</summary>
    public bool IsNearlyUnique => Rows - Missing >= 20 && (Distinct >= MostDistinct || Distinct > 0.5 * (Rows - Missing)) && !IsNumeric;

    public static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && !IsMissing(text);

    /// <summary>Whether text says that there is no value, as ML.NET reads a number of it.</summary>
    public static bool IsMissing(string text) => text.AsSpan().Trim() is var plain && (plain.IsEmpty || plain is "?" || plain.Equals("nan", StringComparison.OrdinalIgnoreCase) ||
        plain.Equals("na", StringComparison.OrdinalIgnoreCase) || plain.Equals("n/a", StringComparison.OrdinalIgnoreCase) || plain.Equals("null", StringComparison.OrdinalIgnoreCase));

    /// <summary>Looks at every row of a file.</summary>
    public static IReadOnlyList<ColumnProfile> Of(IEnumerable<string[]> rows, IReadOnlyList<string> names)
    {
        var profiles = names.Select((name, index) => new ColumnProfile(name, index)).ToList();
        foreach (var row in rows)
            for (var column = 0; column < profiles.Count; column++)
                profiles[column].Add(column < row.Length ? row[column] : "");
        return profiles;
    }

    private void Add(string text)
    {
        Rows++;
        if (IsMissing(text))
        {
            Missing++;
            return;
        }
        Example ??= text;
        length += text.Length;
        if (distinct.Count < MostDistinct)
            distinct.Add(text);
        allBooleans &= bool.TryParse(text, out _);
        allTimes &= allTimes && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
        if (allNumbers && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            consecutive &= double.IsNaN(previous) || number == previous + 1;
            previous = number;
        }
        else
            allNumbers = false;
    }
}
