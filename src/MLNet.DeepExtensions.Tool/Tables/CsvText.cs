namespace MLNet.DeepExtensions.Tool.Tables;

/// <summary>Lines of CSV (RFC 4180).</summary>
internal static class CsvText
{
    public static string Line(IEnumerable<string> fields) => string.Join(',', fields.Select(Field));

    private static string Field(string text) => text.AsSpan().IndexOfAny("\",\n\r") >= 0 || text.Length > 0 && (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
