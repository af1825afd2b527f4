using System.Collections;
using System.Globalization;

namespace MLNet.DeepExtensions;

/// <summary>A setting that was drawn for a candidate.</summary>
public sealed class TrialParameter
{
    internal TrialParameter(string name, object? value, string text, double position, IReadOnlyList<(double At, string Label)> marks) =>
        (Name, Value, Text, Position, Marks) = (name, value, text, position, marks);

    /// <summary>Gets what it is called.</summary>
    public string Name { get; }

    /// <summary>Gets the value: a number, or what was chosen.</summary>
    public object? Value { get; }

    /// <summary>Gets the value as tables show it.</summary>
    public string Text { get; }

    /// <summary>Where the value lies between the lowest (0) and the highest (1), by order of magnitude where it was drawn so.</summary>
    internal double Position { get; }

    /// <summary>What else could have been drawn: the ends of a range, or every option.</summary>
    internal IReadOnlyList<(double At, string Label)> Marks { get; }

    internal static string Write(object? value) => value switch
    {
        null => "none",
        double number when Math.Abs(number) is >= 1e6 or (> 0 and < 1e-3) => number.ToString("0.##e0", CultureInfo.InvariantCulture),
        double number => number.ToString(Math.Abs(number) >= 100 ? "0.#" : "G3", CultureInfo.InvariantCulture),
        string text => text,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Write))}]",
        // a record writes all its properties, which is too much for a table
        _ when value.GetType().GetMethod("<Clone>$") is not null => value.GetType().Name,
        _ => value.ToString() ?? value.GetType().Name,
    };

    /// <summary>A text for each option; those that look alike get their place in the list.</summary>
    internal static IReadOnlyList<string> Tell(IReadOnlyList<object?> options)
    {
        var texts = options.Select(Write).ToList();
        return [.. texts.Select((text, i) => texts.Count(other => other == text) == 1 ? text : string.Create(CultureInfo.InvariantCulture, $"{text} #{i + 1}"))];
    }
}
