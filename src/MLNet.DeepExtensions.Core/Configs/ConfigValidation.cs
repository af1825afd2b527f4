using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace MLNet.DeepExtensions;

/// <summary>Checks the ranges that stand as attributes on a config's properties, nested configs included, and says all violations at once.</summary>
internal static class ConfigValidation
{
    /// <exception cref="ArgumentException">A property is out of its range; the message lists every such property with its value.</exception>
    public static void Check(object config, string name)
    {
        var violations = new List<string>();
        Collect(config, name, violations, depth: 0);
        if (violations.Count > 0)
            throw new ArgumentException(string.Join(" ", violations), name);
    }

    private static void Collect(object config, string path, List<string> violations, int depth)
    {
        if (depth > 8)
            return;
        foreach (var property in config.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            // what is computed from the rest is no setting, and may not be computable before it is checked
            if (property.GetIndexParameters().Length > 0 || !property.CanRead || !property.CanWrite)
                continue;
            var rules = property.GetCustomAttributes<ValidationAttribute>(inherit: true).ToList();
            var isOurs = IsConfig(property.PropertyType) || typeof(IEnumerable).IsAssignableFrom(property.PropertyType) && property.PropertyType != typeof(string);
            if (rules.Count == 0 && !isOurs)
                continue;
            var value = property.GetValue(config);
            var context = new ValidationContext(config) { MemberName = property.Name, DisplayName = $"{path}.{property.Name}" };
            foreach (var rule in rules)
                if (rule.GetValidationResult(value, context) is { } failure)
                    violations.Add($"{failure.ErrorMessage} It is {Show(value)}.");
            if (value is not null && IsConfig(value.GetType()))
                Collect(value, $"{path}.{property.Name}", violations, depth + 1);
            else if (value is IEnumerable items and not string)
                foreach (var item in items.Cast<object?>().Take(1000))
                    if (item is not null && IsConfig(item.GetType()))
                        Collect(item, $"{path}.{property.Name}[{item.GetType().Name}]", violations, depth + 1);
        }
        if (config is IValidatableObject validatable)
            violations.AddRange(validatable.Validate(new ValidationContext(config) { DisplayName = path }).Select(result => $"{path}: {result.ErrorMessage}"));
    }

    // a record of some family, or one of ours that holds such records
    private static bool IsConfig(Type type)
    {
        if (!type.IsClass || type.IsArray || type.IsSubclassOf(typeof(Delegate)))
            return false;
        if (type.FullName!.StartsWith("MLNet.DeepExtensions.", StringComparison.Ordinal))
            return true;
        for (var candidate = type.BaseType; candidate is not null; candidate = candidate.BaseType)
            if (ConfigFamily.IsFamily(candidate))
                return true;
        return false;
    }

    private static string Show(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        IEnumerable items => "[" + string.Join(", ", items.Cast<object?>().Take(10)) + "]",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"),
    };
}
