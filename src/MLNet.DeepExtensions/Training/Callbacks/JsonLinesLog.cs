using System.Text.Json;

namespace MLNet.DeepExtensions;

/// <summary>Writes the run as a JSON object on each line. What is not a finite number, which JSON cannot say, is null.</summary>
/// <param name="path">The file, by custom <c>something.jsonl</c>; its folder must exist.</param>
public sealed class JsonLinesLog(string path) : RowLog(path)
{
    private protected override byte[] Header(IReadOnlyList<string> columns) => [];

    private protected override byte[] Line(IReadOnlyList<string> columns, IReadOnlyList<object?> values)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            for (var i = 0; i < columns.Count; i++)
            {
                json.WritePropertyName(columns[i]);
                JsonSerializer.Serialize(json, values[i] is double number && !double.IsFinite(number) ? null : values[i]);
            }
            json.WriteEndObject();
        }
        line.WriteByte((byte)'\n');
        return line.ToArray();
    }
}
