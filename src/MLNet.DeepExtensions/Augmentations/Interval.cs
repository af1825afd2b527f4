using System.Text.Json.Serialization;

namespace MLNet.DeepExtensions;

/// <summary>From one number to another, both included; a pair is taken for one: <c>Scale = (0.5, 1)</c>.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
[method: JsonConstructor]
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Makes an interval of a pair.</summary>
    /// <param name="ends">The lower and the upper end.</param>
    public static implicit operator Interval((double Low, double High) ends) => new(ends.Low, ends.High);

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"({Low}, {High})");

    internal double Draw(SeededRandom random) => Low + (High - Low) * random.Fraction();

    // as torchvision draws ratios: 1/2 as likely as 2
    internal double DrawRatio(SeededRandom random) => Math.Exp(new Interval(Math.Log(Low), Math.Log(High)).Draw(random));

    internal bool IsWithin(double low, double high) => double.IsFinite(Low) && double.IsFinite(High) && low <= Low && Low <= High && High <= high;
}
