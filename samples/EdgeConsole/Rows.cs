using Microsoft.ML.Data;

namespace EdgeConsole;

/// <summary>A handwritten digit, as samples/Mnist was trained on it.</summary>
internal sealed class Digit
{
    [VectorType(28, 28)]
    public byte[] Features { get; set; } = [];

    public byte Label { get; set; }
}

/// <summary>What is said of a digit.</summary>
internal sealed class DigitAnswer
{
    [ColumnName("Digit")]
    public byte Value { get; set; }

    public float[] Score { get; set; } = [];
}

/// <summary>A picture file, as samples/ImageClassification was trained on it.</summary>
internal sealed class Photo
{
    public string ImagePath { get; set; } = "";

    public string Label { get; set; } = "";
}

/// <summary>What is said of a picture.</summary>
internal sealed class PhotoAnswer
{
    public string Answer { get; set; } = "";

    public float[] Score { get; set; } = [];
}
