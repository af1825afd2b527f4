using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tool.Tables;

/// <summary>A file of rows, as ML.NET's text loader reads it: what is looked at here is exactly what training will see.</summary>
internal sealed record DelimitedFile(string Path, char Delimiter, bool HasHeader, IReadOnlyList<string> Names)
{
    // what a scored row has besides: a column of the file must not be mistaken for it
    private static readonly string[] reserved = ["PredictedLabel", "Score", "Probability", "Quantiles", "Variance", "Features"];

    /// <summary>Gets whether quotes hold fields together, as in CSV; in lines cut by tabs or pipes a quote is a character.</summary>
    public bool HasQuotes => Delimiter is ',' or ';';

    /// <summary>Gets the loader's options as C#.</summary>
    public string OptionsCode => $"new TextLoader.Options {{ Separators = [{Code.CSharp.Value(Delimiter)}], HasHeader = {Code.CSharp.Value(HasHeader)}, AllowQuoting = {Code.CSharp.Value(HasQuotes)}, ReadMultilines = {Code.CSharp.Value(HasQuotes)}, MissingRealsAsNaNs = true }}";

    /// <exception cref="RefusedException">There is no such file, it has no rows, or its first line is no header.</exception>
    public static DelimitedFile Open(MLContext ml, string path, string? delimiter, bool hasHeader)
    {
        if (Directory.Exists(path))
            throw new RefusedException($"--data '{path}' is a folder, but this task reads a file of rows (CSV, TSV).");
        if (!File.Exists(path))
            throw new RefusedException($"--data '{path}' is not there. Name a file of rows (CSV, TSV).");
        var first = File.ReadLines(path).FirstOrDefault(line => line.Length > 0) ?? throw new RefusedException($"'{path}' is empty. Its first line must be the columns' names{(hasHeader ? "; without them write --no-header" : "")}.");
        var cut = delimiter is null ? Guess(path, first) : Parse(delimiter);
        var file = new DelimitedFile(path, cut, false, new string[FirstRecord.Fields(path, cut, cut is ',' or ';')]);
        using var rows = file.Rows(ml).GetEnumerator();
        if (!rows.MoveNext())
            throw new RefusedException($"'{path}' has no rows.");
        if (!hasHeader)
            return file with { Names = [.. rows.Current.Select((_, number) => $"col{number}")] };
        var header = rows.Current;
        if (header.Count(ColumnProfile.IsNumber) is > 0 and var numbers)
            throw new RefusedException($"The first line of '{path}' should be the columns' names, but {numbers} of its {header.Length} fields {(numbers == 1 ? "is a number" : "are numbers")}: {string.Join(", ", header.Take(8))}. " +
                "If it is a row, write --no-header; if fields are cut wrongly, say what stands between them: --delimiter.");
        if (!rows.MoveNext())
            throw new RefusedException($"'{path}' has a header, {string.Join(", ", header.Take(8))}, but no rows.");
        return file with { HasHeader = true, Names = Distinct(header) };
    }

    /// <summary>The number of the column of a name.</summary>
    /// <exception cref="RefusedException">There is none; the message says which there are.</exception>
    public int Find(string name, string option)
    {
        var found = Names.ToList().IndexOf(name);
        return found >= 0 ? found : throw new RefusedException($"{option} names column '{name}', which '{Path}' does not have. It has: {string.Join(", ", Names)}." +
            (Names.Count == 1 ? " If fields are cut wrongly, say what stands between them: --delimiter." : ""));
    }

    /// <summary>The rows with some columns, for training.</summary>
    public IDataView Load(MLContext ml, IEnumerable<(string Name, int Index, DataKind Kind)> columns) => ml.Data.CreateTextLoader(Options([.. columns.Select(column => new TextLoader.Column(column.Name, column.Kind, column.Index))])).Load(Path);

    /// <summary>Every row, with all fields as text; a short line's last ones are empty.</summary>
    /// <exception cref="RefusedException">A line has more fields than the first.</exception>
    public IEnumerable<string[]> Rows(MLContext ml)
    {
        var source = new MultiFileSource(Path);
        var view = ml.Data.CreateTextLoader(Options([new TextLoader.Column("All", DataKind.String, [new TextLoader.Range(0, Names.Count)])]), source).Load(source);
        var column = view.Schema["All"];
        using var cursor = view.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> fields = default;
        while (cursor.MoveNext())
        {
            getter(ref fields);
            string[] row = [.. fields.DenseValues().Select(field => field.ToString())];
            // one more is read than there should be
            if (row[^1].Length > 0)
                throw new RefusedException($"Row {cursor.Position + 1:N0} of '{Path}' has more than the {Names.Count} fields of the first line; it goes on with '{row[^1]}'. " +
                    (HasQuotes ? $"A field with '{Delimiter}' in it must stand in quotes." : "A field must not hold what stands between fields."));
            yield return row[..^1];
        }
    }

    private TextLoader.Options Options(TextLoader.Column[] columns) => new()
    {
        Columns = columns, Separators = [Delimiter], HasHeader = HasHeader, AllowQuoting = HasQuotes, ReadMultilines = HasQuotes, MissingRealsAsNaNs = true,
    };

    private static char Parse(string delimiter) => delimiter switch
    {
        "tab" or "\\t" => '\t',
        "comma" => ',',
        "semicolon" => ';',
        "pipe" => '|',
        { Length: 1 } => delimiter[0],
        _ => throw new RefusedException($"--delimiter is '{delimiter}', but must be one character, or tab, comma, semicolon or pipe."),
    };

    // the candidate that the first line has most of
    private static char Guess(string path, string line) => path.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t'
        : new[] { ',', '\t', ';', '|' }.MaxBy(candidate => line.Count(character => character == candidate));

    private static List<string> Distinct(string[] header)
    {
        var used = new HashSet<string>(reserved, StringComparer.Ordinal);
        var names = new List<string>();
        for (var number = 0; number < header.Length; number++)
        {
            var plain = header[number].Trim() is { Length: > 0 } given ? given : $"col{number}";
            var name = plain;
            for (var repeat = 1; !used.Add(name); repeat++)
                name = $"{plain}_{repeat}";
            names.Add(name);
        }
        return names;
    }
}
