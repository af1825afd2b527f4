using System.Globalization;

namespace MLNet.DeepExtensions.Tool.Answers;

/// <summary>A figure of an evaluation.</summary>
/// <param name="Name">As ML.NET calls it.</param>
/// <param name="Value">The number.</param>
/// <param name="IsShare">Whether it is a share, to be shown in percent.</param>
internal sealed record Figure(string Name, double Value, bool IsShare = false)
{
    public string Text => IsShare ? Value.ToString("P2", CultureInfo.InvariantCulture) : Value.ToString(Math.Abs(Value) >= 1000 ? "N0" : "0.####", CultureInfo.InvariantCulture);
}
