using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.DeepExtensions;

/// <summary>What a pipeline's graph takes, and the steps that it comes from.</summary>
internal sealed class PipelineInputs(PipelineSteps steps, OnnxGraph graph)
{
    // longer lists nobody reads
    private const int MostNames = 100;

    private readonly List<OnnxColumn> columns = [];
    private readonly List<OnnxStep> outside = [];

    public IReadOnlyList<OnnxColumn> Columns => columns;

    public IReadOnlyList<OnnxStep> StepsOutside => outside;

    /// <summary>Adds a column in its own type.</summary>
    /// <returns>It as steps take it.</returns>
    /// <exception cref="NotSupportedException">ONNX has no such type.</exception>
    public ColumnValue Add(Given given)
    {
        Note(steps.Before(given));
        var column = given.Column;
        if (column.Type is ImageDataViewType picture)
            return picture.Height > 0 ? Picture(given, picture.Height, picture.Width)
                : throw new NotSupportedException($"Column '{column.Name}' holds pictures of any size, but the step that reads them takes one. Add mlContext.Transforms.ResizeImages(\"{column.Name}\", …) before it.");
        var item = OnnxTypes.ItemOf(column.Type);
        if (OnnxTypes.Of(item) is not { } type)
            throw new NotSupportedException($"Column '{column.Name}' holds {column.Type}, which ONNX has no type for. Convert it before: mlContext.Transforms.Conversion.ConvertType(\"{column.Name}\", outputKind: DataKind.Single).");
        var (name, isVariable) = (NameFor(given), column.Type is VectorDataViewType { IsKnownSize: false });
        object[] sizes = isVariable ? [$"{name}.steps"] : [.. OnnxTypes.SizesOf(column.Type).Cast<object>()];
        var values = Input(name, type, sizes, column, Holds(column) + Maker(given));
        if (sizes.Length > 1)
            values = values.Reshape(0, -1);
        if (item is KeyDataViewType key)
        {
            values = graph.Cast(values, OnnxTypes.Int64);
            // keys that are none are missing ones
            values = graph.Node("Where", [graph.Node("Greater", [values, graph.Scalar((long)Math.Min(key.Count, long.MaxValue))]), graph.Scalar(0), values]);
        }
        return new ColumnValue(values, isVariable ? Lengths(name, column) : null);
    }

    /// <summary>Adds pictures of the size that a network takes.</summary>
    public ColumnValue AddPictures(Given given, ImageShape shape)
    {
        Note(steps.Before(given));
        return Picture(given, shape.Height, shape.Width);
    }

    /// <summary>Adds sequences that differ in length.</summary>
    public ColumnValue AddSequence(Given given, int width)
    {
        Note(steps.Before(given));
        var name = NameFor(given);
        return new ColumnValue(Input(name, OnnxTypes.Float, [$"{name}.steps", width], given.Column, $"steps of {width} numbers, padded to the longest row{Maker(given)}"), Lengths(name, given.Column));
    }

    /// <summary>Adds the numbers of a text's tokens.</summary>
    public ColumnValue AddTokens(NetworkColumn column)
    {
        var (features, text) = (column.Features, column.Features.Text!);
        var given = steps.AtNetwork(features.Name);
        Note([.. steps.Before(given), new OnnxStep("Tokenize", [features.Name], [features.Name], $"{ConfigJson.Describe(text.Tokenizer)}, at most {text.MaxTokens} tokens{(text.GoesOn ? ", behind the end of another text" : "")}")]);
        var ids = Input(features.Name, OnnxTypes.Int32, [$"{features.Name}.steps"], given.Column,
            $"the numbers of a text's tokens, at least 0 and below {((IdsShape)features.Shape).Categories}, padded with 0 to the longest text; at most {text.MaxTokens}");
        return new ColumnValue(ids, Lengths(features.Name, given.Column));
    }

    /// <summary>Adds what a forecaster sees of many rows.</summary>
    public ColumnValue AddWindow(NetworkColumn column, ForecastColumns forecast)
    {
        var features = column.Features;
        var names = features.Name switch { ForecastInput.History => forecast.Options.TargetColumns, ForecastInput.Known => forecast.Options.KnownColumns, _ => forecast.Options.StaticColumns };
        foreach (var name in names)
            Note(steps.Before(steps.AtNetwork(name)));
        Note([new OnnxStep("CutWindows", [.. names], [features.Name], ConfigJson.Describe(forecast.Options))]);
        var sizes = features.Shape.Dimensions;
        var holds = features.Name switch
        {
            ForecastInput.History => $"the last {forecast.Window} rows of {string.Join(", ", forecast.Targets)}, the newest last, in their own units",
            ForecastInput.Known => $"{forecast.Known} numbers that are known ahead, of the last {forecast.Window} rows and the {forecast.Horizon} that follow: {string.Join(", ", names)}, then those of the calendar ({forecast.Options.Calendar})",
            _ => $"{forecast.Static} numbers of the series: {string.Join(", ", names)}",
        };
        return new ColumnValue(Input(features.Name, OnnxTypes.Float, [.. sizes.Cast<object>()], $"Vector<Single, {string.Join(", ", sizes)}>", holds));
    }

    /// <summary>What a column holds, in words.</summary>
    public static string Holds(DataViewSchema.Column column) => OnnxTypes.ItemOf(column.Type) switch
    {
        KeyDataViewType key => $"keys from 1 to {key.Count}; 0 is the missing one",
        TextDataViewType => "text",
        BooleanDataViewType => "true or false",
        _ when column.Type is VectorDataViewType { IsKnownSize: false } => "numbers, padded to the longest row",
        _ when LabelValues.SlotNamesOf(column) is { Count: <= MostNames } names => $"numbers: {string.Join(", ", names)}",
        var item when item == NumberDataViewType.Byte => "bytes from 0 to 255",
        _ => "numbers",
    };

    private ColumnValue Picture(Given given, int height, int width) => new(Input(NameFor(given), OnnxTypes.UInt8, [height, width, 3], given.Column,
        $"RGB bytes: for each pixel red, green, blue from 0 to 255; {height} rows from top to bottom, {width} pixels from left to right{Maker(given)}"));

    private GraphValue Lengths(string name, DataViewSchema.Column column) => Input(PortableModel.LengthsOf(name), OnnxTypes.Int64, [], column, $"how much of each row of {name} is no padding; at least 1");

    private GraphValue Input(string name, int type, object[] sizes, DataViewSchema.Column column, string holds) => Input(name, type, sizes, $"{column.Type}", holds);

    private GraphValue Input(string name, int type, object[] sizes, string columnType, string holds)
    {
        columns.Add(new OnnxColumn(name, OnnxTypes.NameOf(type), ["rows", .. sizes.Select(size => $"{size}")], columnType, holds));
        return graph.Input(name, type, ["rows", .. sizes]);
    }

    // which of two columns of one name is meant, and where to take it
    private string Maker(Given given) => given.Stage == 0 ? "" : $"; as {steps.Describe(given.Stage - 1).Name} makes it";

    // a column that a step replaced may be read both as it was and as it became
    private string NameFor(Given given)
    {
        var name = given.Column.Name;
        for (var number = 2; columns.Any(column => column.Name == name); number++)
            name = $"{given.Column.Name} ({number})";
        return name;
    }

    private void Note(IEnumerable<OnnxStep> found)
    {
        foreach (var step in found)
            if (!outside.Any(known => known.Name == step.Name && known.Makes.SequenceEqual(step.Makes) && known.From.SequenceEqual(step.From)))
                outside.Add(step);
    }
}
