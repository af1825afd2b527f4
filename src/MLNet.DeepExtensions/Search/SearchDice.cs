using System.Globalization;

namespace MLNet.DeepExtensions;

/// <summary>
/// Draws a candidate's settings, each under a name that the tables and pictures show. A value depends on the search's seed, the candidate's number and the name alone:
/// a setting that is added or left out moves none of the others.
/// </summary>
public sealed class SearchDice
{
    private readonly int seed, number;
    private readonly List<TrialParameter> drawn = [];

    internal SearchDice(int seed, int number) => (this.seed, this.number) = (seed, number);

    /// <summary>What was drawn so far.</summary>
    internal IReadOnlyList<TrialParameter> Drawn => drawn;

    /// <summary>Draws a number, all equally likely.</summary>
    /// <param name="name">What it is called, once in a candidate.</param>
    /// <param name="low">The lowest value.</param>
    /// <param name="high">The highest value, above <paramref name="low"/>.</param>
    /// <returns>A number from <paramref name="low"/> to <paramref name="high"/>.</returns>
    /// <exception cref="ArgumentException">The limits are none, or the name was drawn before.</exception>
    public double Uniform(string name, double low, double high)
    {
        CheckLimits(name, low, high);
        var at = Throw(name);
        return Note(name, low + at * (high - low), at, Ends(low, high));
    }

    /// <summary>Draws a number whose order of magnitude matters, such as a learning rate: as often between 0.001 and 0.01 as between 0.01 and 0.1.</summary>
    /// <param name="name">What it is called, once in a candidate.</param>
    /// <param name="low">The lowest value, above 0.</param>
    /// <param name="high">The highest value, above <paramref name="low"/>.</param>
    /// <returns>A number from <paramref name="low"/> to <paramref name="high"/>.</returns>
    /// <exception cref="ArgumentException">The limits are none, or the name was drawn before.</exception>
    public double LogUniform(string name, double low, double high)
    {
        CheckLimits(name, low, high);
        if (low <= 0)
            throw new ArgumentOutOfRangeException(nameof(low), low, $"'{name}' is drawn by its order of magnitude, so its lowest value must be above 0. Use Uniform where 0 is a choice.");
        var at = Throw(name);
        return Note(name, Math.Clamp(low * Math.Pow(high / low, at), low, high), at, Ends(low, high));
    }

    /// <summary>Draws a whole number, all equally likely.</summary>
    /// <param name="name">What it is called, once in a candidate.</param>
    /// <param name="low">The lowest value.</param>
    /// <param name="high">The highest value, above <paramref name="low"/>; it can be drawn too.</param>
    /// <returns>A whole number from <paramref name="low"/> to <paramref name="high"/>.</returns>
    /// <exception cref="ArgumentException">The limits are none, or the name was drawn before.</exception>
    public int Integer(string name, int low, int high)
    {
        CheckLimits(name, low, high);
        var value = (int)(low + (long)(Throw(name) * (high - (double)low + 1)));
        return Note(name, value, (value - (double)low) / (high - (double)low), Ends(low, high));
    }

    /// <summary>Draws one of several values: numbers, words, whole records such as optimizers.</summary>
    /// <param name="name">What it is called, once in a candidate.</param>
    /// <param name="options">What there is to choose from, at least one.</param>
    /// <typeparam name="T">What is chosen.</typeparam>
    /// <returns>One of the options, all equally likely.</returns>
    /// <exception cref="ArgumentException">There is nothing to choose from, or the name was drawn before.</exception>
    public T Choice<T>(string name, params IReadOnlyList<T> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Count == 0)
            throw new ArgumentException($"'{name}' has no options to choose from.", nameof(options));
        var index = (int)(Throw(name) * options.Count);
        double At(int i) => options.Count == 1 ? 0.5 : i / (options.Count - 1.0);
        var texts = TrialParameter.Tell([.. options.Select(option => (object?)option)]);
        return Note(name, options[index], At(index), [.. texts.Select((text, i) => (At(i), text))], texts[index]);
    }

    private T Note<T>(string name, T value, double position, IReadOnlyList<(double At, string Label)> marks, string? text = null)
    {
        drawn.Add(new TrialParameter(name, value, text ?? TrialParameter.Write(value), position, marks));
        return value;
    }

    private static IReadOnlyList<(double At, string Label)> Ends(double low, double high) => [(0, TrialParameter.Write(low)), (1, TrialParameter.Write(high))];

    private static void CheckLimits(string name, double low, double high)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || low >= high)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"'{name}' is to be drawn from {low} to {high}: the second must be above the first, and both finite."), nameof(high));
    }

    // from 0 to below 1; each number goes through the generator before the next joins it, so neighbours have nothing in common
    private double Throw(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (drawn.Any(parameter => parameter.Name == name))
            throw new ArgumentException($"'{name}' is drawn twice in one candidate and would be the same both times. Draw it once and use the value twice, or give each a name of its own.", nameof(name));
        var state = seed;
        foreach (var part in (ReadOnlySpan<int>)[0x53524348, number, Hash(name)])
            state = unchecked((int)new SeededRandom(state ^ part).Below(1L << 32));
        return new SeededRandom(state).Fraction();
    }

    // FNV-1a: string.GetHashCode differs from process to process
    private static int Hash(string text)
    {
        var hash = 2166136261;
        foreach (var sign in text)
            hash = unchecked((hash ^ sign) * 16777619);
        return unchecked((int)hash);
    }
}
