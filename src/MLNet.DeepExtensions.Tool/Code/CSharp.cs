using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace MLNet.DeepExtensions.Tool.Code;

/// <summary>Writes values as C#. Whatever a text says, it stays a text: nothing of it can become code.</summary>
internal static class CSharp
{
    /// <summary>A string literal on one line.</summary>
    public static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var character in text)
            literal.Append(character switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                // what ends lines, hides, turns the direction of writing, or is half a character
                _ when char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => $"\\u{(int)character:x4}",
                _ => character.ToString(),
            });
        return literal.Append('"').ToString();
    }

    /// <summary>An expression that gives the value again: plain values, lists, and settings, of which those are named that differ from their defaults.</summary>
    /// <exception cref="NotSupportedException">The value is of another kind.</exception>
    public static string Value(object? value) => value switch
    {
        null => "null",
        bool yes => yes ? "true" : "false",
        string text => Literal(text),
        int or long => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        float number => float.IsNaN(number) ? "float.NaN" : float.IsInfinity(number) ? number > 0 ? "float.PositiveInfinity" : "float.NegativeInfinity" : number.ToString("R", CultureInfo.InvariantCulture) + "f",
        double number => double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : throw new NotSupportedException($"{number} is no setting."),
        char character => character is '\'' or '\\' ? $"'\\{character}'" : char.IsControl(character) || character > 127 ? $"'\\u{(int)character:x4}'" : $"'{character}'",
        DateTime time => time.TimeOfDay == TimeSpan.Zero ? $"new DateTime({time.Year}, {time.Month}, {time.Day})" : $"new DateTime({time.Year}, {time.Month}, {time.Day}, {time.Hour}, {time.Minute}, {time.Second})",
        TimeSpan time => $"TimeSpan.FromTicks({time.Ticks.ToString(CultureInfo.InvariantCulture)})",
        Enum member => string.Join(" | ", member.ToString().Split(", ").Select(name => $"{member.GetType().Name}.{name}")),
        Interval ends => $"({Value(ends.Low)}, {Value(ends.High)})",
        PretrainedWeights { Path: { } path } => $"new PretrainedWeights({Literal(path)})",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Value))}]",
        _ => Settings(value),
    };

    private static string Settings(object value)
    {
        var type = value.GetType();
        if (type.Namespace != "MLNet.DeepExtensions")
            throw new NotSupportedException($"A {type} cannot be written as C#.");
        // one of a few that there are, such as Normalization.ImageNet
        for (var declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
            if (declaring.GetProperties(BindingFlags.Public | BindingFlags.Static).FirstOrDefault(property => property.PropertyType.IsAssignableFrom(type) && Equals(property.GetValue(null), value)) is { } shared)
                return $"{declaring.Name}.{shared.Name}";
        if (!type.IsPublic)
            throw new NotSupportedException($"{type} is not public.");
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)!;
        var parameters = constructor.GetParameters();
        var arguments = parameters.Select(parameter => type.GetProperty(parameter.Name!)?.GetValue(value)).ToArray();
        var usual = constructor.Invoke(arguments);
        // those that may be left out are named where they differ from their defaults
        var given = parameters.Zip(arguments).Where(pair => !pair.First.HasDefaultValue).Select(pair => Value(pair.Second))
            .Concat(parameters.Zip(arguments).Where(pair => pair.First.HasDefaultValue && !Equals(pair.Second, pair.First.DefaultValue)).Select(pair => $"{pair.First.Name}: {Value(pair.Second)}")).ToList();
        var changed = Changed(value, usual);
        var initializer = changed.Count == 0 ? "" : $" {{ {string.Join(", ", changed)} }}";
        return $"new {type.Name}" + (given.Count > 0 || changed.Count == 0 ? $"({string.Join(", ", given)})" : "") + initializer;
    }

    /// <summary>The settings that differ from another object's, each as <c>Name = value</c>.</summary>
    public static List<string> Changed(object value, object usual) => [.. value.GetType().GetProperties().Where(property => property.SetMethod is { IsPublic: true } && !Same(property.GetValue(value), property.GetValue(usual)))
            .Select(property => $"{property.Name} = {Value(property.GetValue(value))}")];

    private static bool Same(object? one, object? other) => one is IEnumerable first and not string && other is IEnumerable second
        ? first.Cast<object?>().SequenceEqual(second.Cast<object?>()) : Equals(one, other);
}
