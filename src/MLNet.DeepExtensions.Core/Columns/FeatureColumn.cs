using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>The element type of a buffered column: what a row occupies before it becomes a tensor.</summary>
internal enum ElementKind
{
    /// <summary>Bytes 0…255, as pixels are; the input stage scales them to [0, 1].</summary>
    UInt8,

    /// <summary>Single-precision numbers, used as they are.</summary>
    Float32,

    /// <summary>Class indices.</summary>
    Int64,
}

/// <summary>Which column feeds the network, and what its rows look like. It is saved with the model.</summary>
internal sealed record FeatureColumn
{
    [Required]
    public required string Name { get; init; }

    public required ElementKind Elements { get; init; }

    /// <summary>Gets the shape of one example as the network sees it.</summary>
    [Required]
    public required InputShape Shape { get; init; }

    /// <summary>Gets the column's own dimensions, which the schema states; [784] and [28, 28] are the same to the network.</summary>
    [Required]
    public required IReadOnlyList<int> Dimensions { get; init; }

    public DataViewType Type => new VectorDataViewType(Elements == ElementKind.UInt8 ? NumberDataViewType.Byte : NumberDataViewType.Single, (int[])[.. Dimensions]);

    /// <summary>Looks the column up and finds its shape: the given one, else the one that the column's dimensions say.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or its type or size does not fit.</exception>
    public static FeatureColumn Find(DataViewSchema schema, string name, InputShape? shape)
    {
        var column = Require(schema, name, "feature");
        var advice = Advice(name);
        if (column.Type is not VectorDataViewType vector || ElementsOf(vector.ItemType) is not { } elements)
            throw Unfit(name, $"must be a vector of Single or Byte, but is {column.Type}. {advice}");
        if (!vector.IsKnownSize)
            throw Unfit(name, $"must have the same length in every row, but is {column.Type}, whose rows may differ. {advice}");
        if (shape is not null && shape.Count != vector.Size)
            throw Unfit(name, $"has {vector.Size} values in each row, but inputShape {shape} takes {shape.Count}.");
        return new FeatureColumn { Name = name, Elements = elements, Shape = shape ?? ShapeOf(vector), Dimensions = [.. vector.Dimensions] };
    }

    /// <summary>Checks the promise of an estimator's schema, which knows no sizes.</summary>
    public static void Check(SchemaShape schema, string name)
    {
        var column = Require(schema, name, "feature");
        if (column.IsKey || column.Kind == SchemaShape.Column.VectorKind.Scalar || ElementsOf(column.ItemType) is null)
            throw Unfit(name, $"must be a vector of Single or Byte, but is {column.Describe()}. {Advice(name)}");
        if (column.Kind == SchemaShape.Column.VectorKind.VariableVector)
            throw Unfit(name, $"must have the same length in every row, but is {column.Describe()}. {Advice(name)}");
    }

    /// <summary>Finds the column that a model was trained on in the data to be scored.</summary>
    public DataViewSchema.Column Bind(DataViewSchema schema)
    {
        var column = Require(schema, Name, "feature");
        if (column.Type is not VectorDataViewType vector || ElementsOf(vector.ItemType) != Elements || vector.Size != Shape.Count)
            throw Unfit(Name, $"must be a vector of {Shape.Count} × {(Elements == ElementKind.UInt8 ? "Byte" : "Single")} as in training, but is {column.Type}.");
        return column;
    }

    public static DataViewSchema.Column Require(DataViewSchema schema, string name, string role) => schema.GetColumnOrNull(name) ??
        throw Missing(name, role, schema.Where(column => !column.IsHidden).Select(column => column.Name));

    public static SchemaShape.Column Require(SchemaShape schema, string name, string role)
    {
        foreach (var column in schema)
            if (column.Name == name)
                return column;
        throw Missing(name, role, schema.Select(column => column.Name));
    }

    private static ArgumentOutOfRangeException Missing(string name, string role, IEnumerable<string> present) => new("schema",
        $"The {role} column '{name}' is not in the data, which has: {string.Join(", ", present)}. " +
        $"Name an existing one with {role}ColumnName. (AppendCacheCheckpoint, Data.Cache and ShuffleRows drop image columns: move them after the step that turns pictures into vectors.)");

    private static ArgumentOutOfRangeException Unfit(string name, string complaint) => new("schema", $"Feature column '{name}' {complaint}");

    private static string Advice(string name) =>
        $"Add mlContext.Transforms.Concatenate(\"{name}\", …) for single columns, or mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single) for other numbers, before the trainer.";

    private static ElementKind? ElementsOf(DataViewType type) =>
        type == NumberDataViewType.Single ? ElementKind.Float32 : type == NumberDataViewType.Byte ? ElementKind.UInt8 : null;

    // [height, width] is a grey picture; three dimensions are ML.NET's ExtractPixels: [channels, height, width]
    private static InputShape ShapeOf(VectorDataViewType vector) => vector.Dimensions.Length switch
    {
        2 => new ImageShape(vector.Dimensions[0], vector.Dimensions[1]),
        3 => new ImageShape(vector.Dimensions[1], vector.Dimensions[2], vector.Dimensions[0]),
        _ => new VectorShape(vector.Size),
    };
}
