using Microsoft.ML.Data;

namespace ForecastingSample;

/// <summary>An hour of the transformer. The file's columns in their order.</summary>
internal sealed class Reading
{
    [LoadColumn(0)] public DateTime Date { get; set; }
    [LoadColumn(1)] public float HUFL { get; set; }
    [LoadColumn(2)] public float HULL { get; set; }
    [LoadColumn(3)] public float MUFL { get; set; }
    [LoadColumn(4)] public float MULL { get; set; }
    [LoadColumn(5)] public float LUFL { get; set; }
    [LoadColumn(6)] public float LULL { get; set; }
    [LoadColumn(7)] public float OT { get; set; }
}
