using System.Globalization;

namespace MLNet.DeepExtensions;

/// <summary>Round numbers along an axis, the same in every culture.</summary>
internal static class AxisTicks
{
    /// <summary>Whole epochs, few enough to be read: the first one, then round numbers.</summary>
    public static IEnumerable<int> Epochs(int first, int last)
    {
        var step = last - first < 20 ? 1 : (int)RoundStep((last - first) / 12.0, (double[])[1, 2, 5]);
        // between 20 and 24 epochs two would do, but 1, 2, 4, … looks odd
        step = step == 2 ? 5 : step;
        if (first % step != 0)
            yield return first;
        for (var epoch = (first + step - 1) / step * step; epoch <= last; epoch += step)
            // the first one's label needs its room
            if (epoch == first || epoch - first >= 0.6 * step || step == 1)
                yield return epoch;
    }

    /// <summary>The limits of an axis that shows values from a lowest to a highest: a little room, and nothing below zero where no value is.</summary>
    public static (double Low, double High) Room(double lowest, double highest)
    {
        var padding = highest > lowest ? 0.06 * (highest - lowest) : Math.Max(Math.Abs(highest) * 0.1, 1e-3);
        return (lowest >= 0 ? Math.Max(0, lowest - padding) : lowest - padding, highest + padding);
    }

    /// <summary>About six round values between two limits, with as many digits as tell them apart.</summary>
    public static IEnumerable<(double At, string Label)> Values(double low, double high)
    {
        var step = RoundStep((high - low) / 6, (double[])[1, 2, 2.5, 5]);
        var digits = 0;
        while (digits < 6 && Math.Abs(step * Math.Pow(10, digits) - Math.Round(step * Math.Pow(10, digits))) > 1e-6)
            digits++;
        var format = Math.Max(Math.Abs(low), Math.Abs(high)) >= 1e6 || step < 1e-5 ? "0.####e0;-0.####e0;0" : "#,0." + new string('0', digits);
        // a limit that is a round number but for its last bit counts; adding 0 turns -0 into 0
        for (var i = Math.Ceiling(low / step - 1e-9) + 0.0; i * step <= high + 1e-9 * step; i++)
            yield return (i * step, (i * step).ToString(format, CultureInfo.InvariantCulture));
    }

    /// <summary>Powers of ten between two limits, few enough to be read; where there are less than two, twice and five times them as well.</summary>
    public static IEnumerable<(double At, string Label)> Powers(double low, double high)
    {
        var (first, last) = ((int)Math.Ceiling(Math.Log10(low) - 1e-9), (int)Math.Floor(Math.Log10(high) + 1e-9));
        int[] mantissas = last - first < 1 ? [1, 2, 5] : [1];
        var step = Math.Max(1, (last - first + 11) / 12);
        for (var power = first - 1; power <= last; power++)
            foreach (var mantissa in mantissas)
                if ((power - first) % step == 0 && mantissa * Math.Pow(10, power) is var at && at >= low * (1 - 1e-9) && at <= high * (1 + 1e-9))
                    yield return (at, power is >= -3 and <= 3 ? at.ToString("0.###", CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{power}"));
    }

    private static double RoundStep(double least, double[] mantissas)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return mantissas.Append(10).Select(mantissa => mantissa * power).First(step => step >= least * (1 - 1e-9));
    }
}
