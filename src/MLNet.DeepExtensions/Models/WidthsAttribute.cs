using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>A list of layers' widths.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WidthsAttribute : ValidationAttribute
{
    public int Most { get; init; } = 4096;

    public override bool IsValid(object? value) => value is IReadOnlyList<int> widths && widths.All(width => width >= 1 && width <= Most);

    public override string FormatErrorMessage(string name) => FormattableString.Invariant($"Each of {name} must be between 1 and {Most:N0}.");
}
