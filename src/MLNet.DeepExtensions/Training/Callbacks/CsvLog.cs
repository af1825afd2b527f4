using System.Globalization;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>Writes the run as comma-separated values, with a line of names on top. Numbers are written alike in every culture, and so that they come back bit for bit.</summary>
/// <param name="path">The file; its folder must exist.</param>
public sealed class CsvLog(string path) : RowLog(path)
{
    private protected override byte[] Header(IReadOnlyList<string> columns) => Join(columns);

    private protected override byte[] Line(IReadOnlyList<string> columns, IReadOnlyList<object?> values) => Join(values);

    private static byte[] Join(IEnumerable<object?> values) => Encoding.UTF8.GetBytes(string.Join(',', values.Select(value => Quote(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""))) + "\n");

    // RFC 4180
    private static string Quote(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
