using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
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

    /// <summary>Gets the column's own dimensions, which the schema states; [784] and [28, 28] are the same to the network. Of a picture: height and width.</summary>
    [Required]
    public required IReadOnlyList<int> Dimensions { get; init; }

    /// <summary>Gets whether the column holds pictures and not vectors.</summary>
    public bool Picture { get; init; }

    /// <summary>Gets what becomes of a row whose picture cannot be read.</summary>
    public BrokenImages BrokenImages { get; init; }

    public DataViewType Type => Picture ? new ImageDataViewType(Dimensions[0], Dimensions[1]) : new VectorDataViewType(Elements == ElementKind.UInt8 ? NumberDataViewType.Byte : NumberDataViewType.Single, (int[])[.. Dimensions]);

    /// <summary>Looks the column up and finds its shape: the given one, else the one that the column's dimensions say.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or its type or size does not fit.</exception>
    public static FeatureColumn Find(DataViewSchema schema, string name, InputShape? shape)
    {
        var column = Require(schema, name, "feature");
        if (column.Type is ImageDataViewType picture)
            return FindPicture(name, picture, shape);
        var advice = Advice(name);
        if (column.Type is not VectorDataViewType vector || ElementsOf(vector.ItemType) is not { } elements)
            throw Unfit(name, $"must be a vector of Single or Byte, or pictures, but is {column.Type}. {advice}");
        if (!vector.IsKnownSize)
            throw Unfit(name, $"must have the same length in every row, but is {column.Type}, whose rows may differ. {advice}");
        if (shape is not null && shape.Count != vector.Size)
            throw Unfit(name, $"has {vector.Size} values in each row, but inputShape {shape} takes {shape.Count}.");
        return new FeatureColumn { Name = name, Elements = elements, Shape = shape ?? ShapeOf(vector), Dimensions = [.. vector.Dimensions] };
    }

    /// <summary>An empty store for the column's rows.</summary>
    public RowStore NewStore(RowMemory? memory, long? expectedRows)
    {
        var length = checked((int)Shape.Count);
        return Elements == ElementKind.UInt8 ? new RowStore<byte>(length, expectedRows, memory) : new RowStore<float>(length, expectedRows, memory);
    }

    private static FeatureColumn FindPicture(string name, ImageDataViewType picture, InputShape? shape)
    {
        if (shape is not null and not ImageShape { Channels: 1 or 3 })
            throw Unfit(name, $"holds pictures, but inputShape {shape} is none. Use new ImageShape(height, width, 3) for colour, or 1 for grey.");
        var image = (ImageShape?)shape;
        if (picture.Height == 0 && image is null)
            throw Unfit(name, $"holds pictures of any size, but a network takes one size. Add mlContext.Transforms.ResizeImages(\"{name}\", 128, 128) before the trainer, " +
                "or let mlContext.Transforms.ReadImages resize them: new ImageReading { Height = 128, Width = 128 }.");
        if (image is not null && picture.Height > 0 && (picture.Height != image.Height || picture.Width != image.Width))
            throw Unfit(name, $"holds pictures of {picture.Height} × {picture.Width} pixels, but inputShape says {image.Height} × {image.Width}. Resize them to that, or leave inputShape out.");
        image ??= new ImageShape(picture.Height, picture.Width, 3);
        return new FeatureColumn { Name = name, Elements = ElementKind.UInt8, Shape = image, Dimensions = [image.Height, image.Width], Picture = true };
    }

    /// <summary>Checks the promise of an estimator's schema, which knows no sizes.</summary>
    public static void Check(SchemaShape schema, string name)
    {
        var column = Require(schema, name, "feature");
        if (column is { Kind: SchemaShape.Column.VectorKind.Scalar, ItemType: ImageDataViewType })
            return;
        if (column.IsKey || column.Kind == SchemaShape.Column.VectorKind.Scalar || ElementsOf(column.ItemType) is null)
            throw Unfit(name, $"must be a vector of Single or Byte, or pictures, but is {column.Describe()}. {Advice(name)}");
        if (column.Kind == SchemaShape.Column.VectorKind.VariableVector)
            throw Unfit(name, $"must have the same length in every row, but is {column.Describe()}. {Advice(name)}");
    }

    /// <summary>Finds the column that a model was trained on in the data to be scored.</summary>
    public DataViewSchema.Column Bind(DataViewSchema schema)
    {
        var column = Require(schema, Name, "feature");
        if (Picture)
            return column.Type is ImageDataViewType picture && (picture.Height == 0 || picture.Height == Dimensions[0] && picture.Width == Dimensions[1]) ? column
                : throw Unfit(Name, $"must hold pictures of {Dimensions[0]} × {Dimensions[1]} pixels (height × width) as in training, but is {column.Type}.");
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
