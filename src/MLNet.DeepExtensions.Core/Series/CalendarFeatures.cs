namespace MLNet.DeepExtensions;

/// <summary>What a time says of itself, each a number from -0.5 to 0.5, as in Informer's code (Zhou et al. 2021).</summary>
[Flags]
public enum CalendarFeatures
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The minute of the hour.</summary>
    MinuteOfHour = 1,

    /// <summary>The hour of the day.</summary>
    HourOfDay = 2,

    /// <summary>The day of the week, from Monday.</summary>
    DayOfWeek = 4,

    /// <summary>The day of the month.</summary>
    DayOfMonth = 8,

    /// <summary>The day of the year.</summary>
    DayOfYear = 16,

    /// <summary>The month of the year.</summary>
    MonthOfYear = 32,

    /// <summary>All of them.</summary>
    All = MinuteOfHour | HourOfDay | DayOfWeek | DayOfMonth | DayOfYear | MonthOfYear,
}

/// <summary>Times as numbers.</summary>
internal static class CalendarNumbers
{
    private static readonly (CalendarFeatures Feature, Func<DateTime, double> Share)[] all =
    [
        (CalendarFeatures.MinuteOfHour, time => time.Minute / 59.0),
        (CalendarFeatures.HourOfDay, time => time.Hour / 23.0),
        (CalendarFeatures.DayOfWeek, time => ((int)time.DayOfWeek + 6) % 7 / 6.0),
        (CalendarFeatures.DayOfMonth, time => (time.Day - 1) / 30.0),
        (CalendarFeatures.DayOfYear, time => (time.DayOfYear - 1) / 365.0),
        (CalendarFeatures.MonthOfYear, time => (time.Month - 1) / 11.0),
    ];

    public static int Count(CalendarFeatures features) => all.Count(item => features.HasFlag(item.Feature));

    public static void Write(CalendarFeatures features, DateTime time, Span<float> target)
    {
        var i = 0;
        foreach (var (feature, share) in all)
            if (features.HasFlag(feature))
                target[i++] = (float)(share(time) - 0.5);
    }
}
