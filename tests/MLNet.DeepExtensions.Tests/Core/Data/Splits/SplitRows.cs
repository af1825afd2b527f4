using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Rows to split, and what a split made of them.</summary>
internal static class SplitRows
{
    public sealed class Row
    {
        public int Number { get; set; }

        public string Label { get; set; } = "";

        public int Group { get; set; }
    }

    public static List<Row> Of(IEnumerable<int> labels, Func<int, int>? group = null) =>
        [.. labels.Select((label, i) => new Row { Number = i, Label = $"kind {label}", Group = group?.Invoke(i) ?? i })];

    public static IDataView View(MLContext ml, IEnumerable<Row> rows) => ml.Data.LoadFromEnumerable(rows);

    /// <summary>The numbers of the rows in each part.</summary>
    public static int[][] Numbers(TrainValidationTestData split) => [.. Views(split).Select(part => part.GetColumn<int>("Number").ToArray())];

    public static IDataView[] Views(TrainValidationTestData split) => [split.Train, split.Validation, split.Test];

    public static TrainValidationTestData Split(MLContext ml, IDataView data, double[] fractions, string? stratification = null, string? group = null, int? seed = 1) =>
        ml.Data.TrainValidationTestSplit(data, fractions[0], fractions[1], fractions[2], stratification, group, seed);

    /// <summary>Three shares that sum to 1: arbitrary ones, and round ones that users write.</summary>
    public static readonly Gen<double[]> Fractions = Gen.OneOf(
        Gen.OneOfConst<double[]>([0.7, 0.2, 0.1], [0.8, 0.1, 0.1], [0.6, 0.2, 0.2], [0.8, 0.2, 0], [1, 0, 0], [1 / 3.0, 1 / 3.0, 1 / 3.0]),
        Gen.Select(Gen.Double.Unit, Gen.Double.Unit).Select((a, b) => new[] { Math.Min(a, b), Math.Abs(a - b), 1 - Math.Max(a, b) }));
}
