using System.Globalization;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Cultures that write numbers otherwise, also where the machine knows none.</summary>
internal static class Cultures
{
    /// <summary>Has this thread write 1.234,5 until disposed.</summary>
    public static IDisposable WithCommas()
    {
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (commas.NumberFormat.NumberDecimalSeparator, commas.NumberFormat.NumberGroupSeparator) = (",", ".");
        return Use(commas);
    }

    /// <summary>Has this thread write 1,234.5 until disposed.</summary>
    public static IDisposable WithPoints() => Use(CultureInfo.InvariantCulture);

    private static Back Use(CultureInfo culture)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        return new Back(before);
    }

    private sealed class Back(CultureInfo culture) : IDisposable
    {
        public void Dispose() => CultureInfo.CurrentCulture = culture;
    }
}
