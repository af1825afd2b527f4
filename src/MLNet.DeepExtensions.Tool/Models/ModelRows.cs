using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tool.Tables;

namespace MLNet.DeepExtensions.Tool.Models;

/// <summary>Rows for a saved model, from a folder of pictures, from a file, or from the command line.</summary>
internal static class ModelRows
{
    /// <summary>Loads what lies at a path, arranged as the training data was; unless the label is needed, its column may be missing.</summary>
    /// <exception cref="RefusedException">It is not arranged so.</exception>
    public static IDataView Load(MLContext ml, ModelFile model, string path, string? delimiter, bool hasHeader, bool needsLabel)
    {
        if (model.PictureColumn is { } pictures)
            return LoadPictures(ml, model, path, pictures, needsLabel);
        var file = DelimitedFile.Open(ml, path, delimiter, hasHeader);
        var columns = new List<(string, int, DataKind)>();
        foreach (var column in model.Input.Where(column => !column.IsHidden))
        {
            var index = file.Names.ToList().IndexOf(column.Name);
            if (index < 0 && (needsLabel || column.Name != model.Label))
                throw new RefusedException($"'{path}' has no column '{column.Name}', which '{Path.GetFileName(model.Path)}' reads. It has: {string.Join(", ", file.Names)}; the model reads: {string.Join(", ", model.Input.Where(one => !one.IsHidden).Select(one => one.Name))}.");
            // a column behind the last one is missing in every row
            columns.Add((column.Name, index < 0 ? file.Names.Count : index, KindOf(column, model)));
        }
        return file.Load(ml, columns);
    }

    /// <summary>Rows that were written on the command line: paths of pictures, texts, or JSON objects with a value for each column.</summary>
    /// <exception cref="RefusedException">An input is something else.</exception>
    public static IDataView Parse(MLContext ml, ModelFile model, IReadOnlyList<string> inputs, string temporaryFile)
    {
        if (model.PictureColumn is { } pictures)
            return Pictures(ml, model, [.. inputs.Select(path => File.Exists(path) ? (Path.GetFullPath(path), "") : throw new RefusedException($"--input '{path}' is not there. Name a picture."))], pictures);
        var names = model.Input.Where(column => !column.IsHidden).Select(column => column.Name).ToList();
        var features = names.Where(name => name != model.Label).ToList();
        var rows = inputs.Select(input => features is [var only] && model.Input[only].Type is TextDataViewType && !input.TrimStart().StartsWith('{')
            ? new Dictionary<string, string> { [only] = input } : Fields(input, names)).ToList();
        File.WriteAllLines(temporaryFile, rows.Select(row => CsvText.Line(names.Select(name => row.GetValueOrDefault(name, "")))).Prepend(CsvText.Line(names)));
        return new DelimitedFile(temporaryFile, ',', true, names).Load(ml, names.Select((name, index) => (name, index, KindOf(model.Input[name], model))));
    }

    private static Dictionary<string, string> Fields(string input, List<string> names)
    {
        try
        {
            using var json = JsonDocument.Parse(input);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return json.RootElement.EnumerateObject().ToDictionary(field => names.Contains(field.Name) ? field.Name
                    : throw new RefusedException($"--input names '{field.Name}', which the model does not read. It reads: {string.Join(", ", names)}."), field => field.Value.ValueKind == JsonValueKind.Null ? "" : field.Value.ToString());
        }
        catch (JsonException)
        {
            // said below
        }
        throw new RefusedException($"--input '{input}' must be a JSON object with the columns {string.Join(", ", names)}, such as {{\"{names[0]}\": …}}.");
    }

    private static IDataView LoadPictures(MLContext ml, ModelFile model, string path, string column, bool needsLabel)
    {
        if (File.Exists(path))
            return Pictures(ml, model, [(path, "")], column);
        if (!Directory.Exists(path))
            throw new RefusedException($"--data '{path}' is not there. Name a folder of pictures.");
        Func<string, string?> label = needsLabel ? Directory.GetDirectories(path).Length < 2 ? ImageLabel.OfFileName : ImageLabel.OfFolder : _ => "";
        return Pictures(ml, model, [.. ml.Data.CreateEnumerable<ImageFile>(ml.Data.LoadImageFolder(path, label), reuseRowObject: false).Select(file => (file.ImagePath, file.Label))], column);
    }

    private static IDataView Pictures(MLContext ml, ModelFile model, List<(string Path, string Label)> files, string column)
    {
        if (model.Input.FirstOrDefault(other => !other.IsHidden && other.Name != column && other.Name != model.Label) is { Name: not null } other)
            throw new RefusedException($"'{Path.GetFileName(model.Path)}' reads '{other.Name}' beside pictures, which mldeep cannot give it.");
        var view = ml.Data.LoadFromEnumerable(files.Select(file => new Picture { Path = file.Path, Class = file.Label }).ToList());
        return ml.Transforms.CopyColumns(column, nameof(Picture.Path)).Append(ml.Transforms.CopyColumns(model.Label!, nameof(Picture.Class)))
            .Append(ml.Transforms.SelectColumns(column, model.Label!)).Fit(view).Transform(view);
    }

    private static DataKind KindOf(DataViewSchema.Column column, ModelFile model) => column.Type switch
    {
        TextDataViewType => DataKind.String,
        BooleanDataViewType => DataKind.Boolean,
        DateTimeDataViewType => DataKind.DateTime,
        NumberDataViewType number when number == NumberDataViewType.Single => DataKind.Single,
        NumberDataViewType number when number == NumberDataViewType.Double => DataKind.Double,
        NumberDataViewType number when number == NumberDataViewType.Int32 => DataKind.Int32,
        _ => throw new RefusedException($"'{Path.GetFileName(model.Path)}' reads column '{column.Name}' of type {column.Type}, which a file of rows does not have."),
    };

    private sealed class Picture
    {
        public string Path { get; set; } = "";

        public string Class { get; set; } = "";
    }
}
