using System.Globalization;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>Writes a summary as text, its columns as wide as what they hold.</summary>
internal static class ModelSummaryTable
{
    private const string Nothing = "--";

    public static IReadOnlyList<string> Heads { get; } = ["Layer (type)", "Output shape", "Parameters", "Trainable", "Mult-adds"];

    public static string Write(ModelSummary summary)
    {
        var lines = Cells(summary);
        var widths = Heads.Select((head, column) => Math.Max(head.Length, lines.Max(line => line[column].Length))).ToArray();
        var rule = new string('=', widths.Sum() + 3 * (widths.Length - 1));
        var text = new StringBuilder().AppendLine(rule).AppendLine(Row(Heads)).AppendLine(rule);
        foreach (var line in lines)
            text.AppendLine(Row(line));
        return text.AppendLine(rule)
            .AppendLine($"Parameters: {Number(summary.Parameters)}, trainable: {Number(summary.TrainableParameters)}, not trainable: {Number(summary.Parameters - summary.TrainableParameters)}")
            .AppendLine($"Mult-adds for one example: {Number(summary.MultAdds)}")
            .AppendLine($"Input: {Size(summary.InputBytes)}, forward and backward pass: {Size(summary.ActivationBytes)} for each example, parameters: {Size(summary.ParameterBytes)}")
            .Append(rule).ToString();

        // text to the left, numbers to the right
        string Row(IReadOnlyList<string> cells) => string.Join("   ", cells.Select((cell, column) => column is 0 or 1 or 3 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd();
    }

    /// <summary>The table's rows, a text for each of the heads.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Cells(ModelSummary summary) =>
        [.. summary.Rows.Select((row, i) => (IReadOnlyList<string>)[Branch(summary.Rows, i) + Title(row), Shape(row), Parameters(row), Trainable(row), row.MultAdds == 0 ? Nothing : Number(row.MultAdds)])];

    private static string Title(ModelSummaryRow row) => row.Name == row.Type ? row.Type : $"{row.Name} ({row.Type})";

    /// <summary>[N, 128]: the first dimension is the batch's.</summary>
    private static string Shape(ModelSummaryRow row) =>
        row.Output is not { } shape ? Nothing : $"[{string.Join(", ", shape.Select((size, i) => i == 0 && size == 1 ? "N" : size.ToString(CultureInfo.InvariantCulture)))}]";

    private static string Parameters(ModelSummaryRow row) => row.IsRepeated ? "(above)" : row.Parameters == 0 ? Nothing : Number(row.Parameters);

    public static string Trainable(ModelSummaryRow row) => row.Parameters == 0 ? Nothing : row.TrainableParameters == row.Parameters ? "yes" : row.TrainableParameters == 0 ? "no" : "partly";

    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Size(long bytes) => bytes < 100_000 ? FormattableString.Invariant($"{bytes / 1e3:0.##} kB") : FormattableString.Invariant($"{bytes / 1e6:0.##} MB");

    // ├─, └─ and │ as a tree has them
    private static string Branch(IReadOnlyList<ModelSummaryRow> rows, int at)
    {
        var text = new StringBuilder();
        for (var depth = 1; depth <= rows[at].Depth; depth++)
        {
            var goesOn = rows.Skip(at + 1).TakeWhile(row => row.Depth >= depth).Any(row => row.Depth == depth);
            text.Append(depth == rows[at].Depth ? goesOn ? "├─ " : "└─ " : goesOn ? "│  " : "   ");
        }
        return text.ToString();
    }
}
