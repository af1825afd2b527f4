using Microsoft.ML.Data;

namespace WebApi;

/// <summary>A handwritten digit as MNIST has them: light ink on a dark ground, within 20 × 20 pixels, its centre of mass in the middle.</summary>
internal sealed class Digit
{
    public static readonly IReadOnlyList<string> Labels = [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")];

    /// <summary>A one, to see that the model answers.</summary>
    public static Digit Example => new() { Features = [.. Enumerable.Range(0, 28 * 28).Select(i => i % 28 is 13 or 14 && i / 28 is > 3 and < 24 ? byte.MaxValue : (byte)0)] };

    [VectorType(28, 28)]
    public byte[] Features { get; set; } = new byte[28 * 28];

    public byte Label { get; set; }
}

/// <summary>What is said of a digit.</summary>
internal sealed class DigitAnswer
{
    /// <summary>The likeliest.</summary>
    public byte Digit { get; set; }

    /// <summary>The probability of each digit, from 0 to 9.</summary>
    public float[] Score { get; set; } = [];
}

/// <summary>A picture file of a blood cell.</summary>
internal sealed class Cell
{
    public static readonly IReadOnlyList<string> Labels = ["platelet", "red", "white"];

    public byte[] Image { get; set; } = [];

    public string Label { get; set; } = "";
}

/// <summary>What is said of a cell.</summary>
internal sealed class CellAnswer
{
    /// <summary>The likeliest kind.</summary>
    public string Kind { get; set; } = "";

    /// <summary>The probability of a platelet, a red cell and a white one.</summary>
    public float[] Score { get; set; } = [];
}
