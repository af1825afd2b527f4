using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>What is to be forecast, from what, and how far: the columns of a time series and the sizes of its windows. It is saved with the model.</summary>
/// <remarks>A row is one moment of one series, and rows of one series stand in the order of time, one step after the other; series may be mixed with each other.</remarks>
public sealed record ForecastOptions : IValidatableObject
{
    // what no window may exceed, so that a damaged file cannot ask for all memory
    private const int Most = 1 << 20;

    /// <summary>Gets the columns to be forecast: numbers, or vectors of Single of one length. Each number is a target.</summary>
    /// <value>At least one.</value>
    [Required, MinLength(1)]
    public required IReadOnlyList<string> TargetColumns { get; init; }

    /// <summary>Gets how many rows the network looks back, the newest one included.</summary>
    /// <value>At least 1. The default is 96.</value>
    [Range(1, Most)]
    public int Window { get; init; } = 96;

    /// <summary>Gets how many rows ahead it says.</summary>
    /// <value>At least 1. The default is 24.</value>
    [Range(1, Most)]
    public int Horizon { get; init; } = 24;

    /// <summary>Gets the column that says which series a row belongs to: text, a key, a number. No window has rows of two series.</summary>
    /// <value>The default, null, is one series.</value>
    public string? SeriesColumn { get; init; }

    /// <summary>Gets the column of the rows' times: DateTime or DateTimeOffset. Within a series they must rise, which is checked, and <see cref="Calendar"/> is read from it.</summary>
    /// <value>The default, null, believes the rows' order.</value>
    public string? TimeColumn { get; init; }

    /// <summary>
    /// Gets the columns that are known ahead, such as prices or holidays: numbers, or vectors of Single of one length. The network sees them over window and horizon,
    /// so a row can be scored when as many rows as the horizon has follow it.
    /// </summary>
    /// <value>The default is none.</value>
    [Required]
    public IReadOnlyList<string> KnownColumns { get; init; } = [];

    /// <summary>Gets the columns that hold the same in all rows of a series, such as its size: numbers, or vectors of Single of one length.</summary>
    /// <value>The default is none.</value>
    [Required]
    public IReadOnlyList<string> StaticColumns { get; init; } = [];

    /// <summary>Gets what is read from the <see cref="TimeColumn"/> and known ahead.</summary>
    /// <value>The default is nothing.</value>
    public CalendarFeatures Calendar { get; init; }

    /// <summary>Gets how many rows a season has, 24 for hourly rows that repeat each day: the mean absolute scaled error compares with saying again what was one season ago.</summary>
    /// <value>At least 1. The default is 1: saying again the last value.</value>
    [Range(1, Most)]
    public int Season { get; init; } = 1;

    /// <summary>Checks that the columns fit together.</summary>
    /// <param name="validationContext">Names the options.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var columns = new[] { TargetColumns ?? [], KnownColumns ?? [], StaticColumns ?? [] }.SelectMany(names => names).ToList();
        if (columns.Any(string.IsNullOrEmpty))
            yield return new ValidationResult("A column has no name.");
        if (columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            yield return new ValidationResult($"Column '{twice.Key}' is named {twice.Count()} times; a column is a target, known ahead, or the same in all rows.");
        if (Calendar != CalendarFeatures.None && string.IsNullOrEmpty(TimeColumn))
            yield return new ValidationResult($"Calendar = {Calendar} needs a TimeColumn to be read from.");
        if ((Calendar & ~CalendarFeatures.All) != 0)
            yield return new ValidationResult($"Calendar = {(int)Calendar} has unknown members.");
    }

    /// <summary>Compares the settings, the columns one by one.</summary>
    /// <param name="other">Other options.</param>
    /// <returns>Whether both say the same.</returns>
    public bool Equals(ForecastOptions? other) => other is not null && TargetColumns.SequenceEqual(other.TargetColumns) && KnownColumns.SequenceEqual(other.KnownColumns) &&
        StaticColumns.SequenceEqual(other.StaticColumns) &&
        (Window, Horizon, SeriesColumn, TimeColumn, Calendar, Season) == (other.Window, other.Horizon, other.SeriesColumn, other.TimeColumn, other.Calendar, other.Season);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(TargetColumns.Count, Window, Horizon, SeriesColumn, TimeColumn, Calendar, Season);
}
