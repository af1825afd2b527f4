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

    /// <summary>Categories by number.</summary>
    Int32,
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

    /// <summary>
    /// Gets the column's own dimensions, which the schema states; [784] and [28, 28] are the same to the network. Of a picture: height and width.
    /// Empty for one value in each row; [0] where rows differ in length.
    /// </summary>
    [Required]
    public required IReadOnlyList<int> Dimensions { get; init; }

    /// <summary>Gets whether the column holds pictures and not vectors.</summary>
    public bool Picture { get; init; }

    /// <summary>Gets whether the column holds keys: 0 is the missing one, and categories count from 1.</summary>
    public bool Keys { get; init; }

    /// <summary>Gets what becomes of a row whose picture cannot be read.</summary>
    public BrokenImages BrokenImages { get; init; }

    /// <summary>Gets how a column of text becomes tokens; null where the column holds something else.</summary>
    public TextColumn? Text { get; init; }

    /// <summary>Gets the column's type as a user would write it.</summary>
    public DataViewType Type
    {
        get
        {
            if (Text is not null)
                return TextDataViewType.Instance;
            if (Picture)
                return new ImageDataViewType(Dimensions[0], Dimensions[1]);
            PrimitiveDataViewType item = Elements switch
            {
                ElementKind.UInt8 => NumberDataViewType.Byte,
                ElementKind.Int32 when Keys => new KeyDataViewType(typeof(uint), ((IdsShape)Shape).Categories - 1),
                ElementKind.Int32 => NumberDataViewType.Int32,
                _ => NumberDataViewType.Single,
            };
            return Dimensions.Count == 0 ? item : Dimensions is [0] ? new VectorDataViewType(item) : new VectorDataViewType(item, (int[])[.. Dimensions]);
        }
    }

    /// <summary>Looks the column up and finds its shape: the given one, else the one that the column's type says.</summary>
    /// <param name="schema">The columns that there are.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="shape">What is said of it.</param>
    /// <param name="text">How it becomes tokens, if it is text.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or its type or size does not fit.</exception>
    public static FeatureColumn Find(DataViewSchema schema, string name, InputShape? shape, TextColumn? text = null)
    {
        var column = Require(schema, name, "feature");
        var type = column.Type;
        if (shape is null && type is VectorDataViewType { IsKnownSize: false } && ColumnNote.StepWidth.Of(column) is { } width)
            shape = new SequenceShape(width);
        if ((shape is null or IdsShape { Separator: null }) && ColumnNote.Categories.Of(column) is { } noted)
            shape = new IdsShape((shape as IdsShape)?.Categories ?? noted, (shape as IdsShape)?.Length) { Separator = ColumnNote.Separator.Of(column) };
        return type switch
        {
            _ when shape is ColumnsShape => throw Unfit(name, $"is one column, but its shape is of several: {shape}. Give each column a shape: new InputColumn(\"{name}\", …)."),
            ImageDataViewType picture => FindPicture(name, picture, shape),
            TextDataViewType when text is not null => FindText(name, text, shape),
            KeyDataViewType key => FindIds(name, CategoriesOf(name, key), null, shape) with { Keys = true },
            VectorDataViewType { ItemType: KeyDataViewType key } vector => FindIds(name, CategoriesOf(name, key), vector, shape) with { Keys = true },
            VectorDataViewType vector when vector.ItemType == NumberDataViewType.Int32 && shape is IdsShape ids => FindIds(name, ids.Categories, vector, shape),
            VectorDataViewType vector when ElementsOf(vector.ItemType) is { } elements => FindVector(name, vector, elements, shape),
            _ when NumberReader.Reads(type) => FindNumber(name, shape),
            _ => throw Unfit(name, $"must be {Readable}, but is {type}. {Advice(name)}"),
        };
    }

    /// <summary>An empty store for the column's rows.</summary>
    public RowStore NewStore(RowMemory? memory, long? expectedRows)
    {
        if (Shape.IsVariable)
            return Elements == ElementKind.Int32 ? new RaggedStore<int>(1, memory) : new RaggedStore<float>((int)Shape.ChannelCount, memory);
        var length = checked((int)Shape.Count);
        return Elements switch
        {
            ElementKind.UInt8 => new RowStore<byte>(length, expectedRows, memory),
            ElementKind.Int32 => new RowStore<int>(length, expectedRows, memory),
            _ => new RowStore<float>(length, expectedRows, memory),
        };
    }

    private static FeatureColumn FindVector(string name, VectorDataViewType vector, ElementKind elements, InputShape? shape)
    {
        if (shape is IdsShape)
            throw Unfit(name, $"holds {vector.ItemType}, but {shape.GetType().Name} takes whole numbers or keys. Convert it: mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Int32).");
        if (!vector.IsKnownSize)
            return shape is SequenceShape { Length: null } && elements == ElementKind.Float32
                ? new FeatureColumn { Name = name, Elements = elements, Shape = shape, Dimensions = [0] }
                : throw Unfit(name, $"must have the same length in every row, but is {vector}, whose rows may differ. " +
                    $"If a row is a sequence of steps, say how many numbers a step has: new SequenceShape(width){(elements == ElementKind.Float32 ? "" : ", of Single")}. {Advice(name)}");
        if (shape is SequenceShape { Length: null } steps)
            shape = vector.Size % steps.Width == 0 ? steps with { Length = vector.Size / steps.Width }
                : throw Unfit(name, $"has {vector.Size} values in each row, which are no whole steps of {steps.Width}. Give a width that divides {vector.Size}: new SequenceShape({WidthsOf(vector.Size)}).");
        if (shape is not null && shape.Count != vector.Size)
            throw Unfit(name, $"has {vector.Size} values in each row, but inputShape {shape} takes {shape.Count}.");
        return new FeatureColumn { Name = name, Elements = elements, Shape = shape ?? ShapeOf(vector), Dimensions = [.. vector.Dimensions] };
    }

    private static FeatureColumn FindNumber(string name, InputShape? shape) => shape is null or VectorShape { Length: 1 }
        ? new FeatureColumn { Name = name, Elements = ElementKind.Float32, Shape = new VectorShape(1), Dimensions = [] }
        : throw Unfit(name, $"has one value in each row, but its shape {shape} takes {(shape.IsVariable ? "many" : shape.Count)}. {Advice(name)}");

    private static FeatureColumn FindIds(string name, int categories, VectorDataViewType? vector, InputShape? shape)
    {
        var length = vector is null ? 1 : vector.IsKnownSize ? vector.Size : (int?)null;
        if (shape is not null && shape is not IdsShape)
            throw Unfit(name, $"holds categories by number, but its shape {shape} is of numbers. Leave the shape out, or map the keys to vectors: mlContext.Transforms.Conversion.MapKeyToVector(\"{name}\").");
        if (shape is IdsShape said && (said.Categories != categories || said.Length is { } wanted && wanted != length))
            throw Unfit(name, $"has {categories} categories (a key's missing value counted) and {(length is null ? "rows of any length" : $"{length} in each row")}, but its shape says {said.Categories} and {said.Length}. Leave the shape out.");
        return new FeatureColumn
        {
            Name = name, Elements = ElementKind.Int32, Shape = new IdsShape(categories, length) { Separator = (shape as IdsShape)?.Separator }, Dimensions = vector is null ? [] : vector.IsKnownSize ? [.. vector.Dimensions] : [0],
        };
    }

    private static FeatureColumn FindText(string name, TextColumn text, InputShape? shape) => shape is null
        ? new FeatureColumn { Name = name, Elements = ElementKind.Int32, Shape = new IdsShape(text.Tokenizer.Count) { Separator = text.Tokenizer.Special.Separator }, Dimensions = [0], Text = text }
        : throw Unfit(name, $"is text, whose tokens have a shape of their own, but its shape says {shape}. Leave the shape out.");

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
    /// <param name="schema">The promised columns.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="shape">What is said of it.</param>
    /// <param name="readsText">Whether it may be text.</param>
    public static void Check(SchemaShape schema, string name, InputShape? shape, bool readsText = false)
    {
        var column = Require(schema, name, "feature");
        if (readsText && column.Kind == SchemaShape.Column.VectorKind.Scalar && column.ItemType is TextDataViewType)
            return;
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar && (column.IsKey || column.ItemType is ImageDataViewType || NumberReader.Reads(column.ItemType)))
            return;
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar && (column.IsKey || (shape is IdsShape || shape is null && ColumnNote.Categories.IsPromised(column)) && column.ItemType == NumberDataViewType.Int32))
            return;
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar || ElementsOf(column.ItemType) is null)
            throw Unfit(name, $"must be {Readable}, but is {column.Describe()}. " + (column.ItemType is TextDataViewType
                ? $"If it says a category, make it a key: mlContext.Transforms.Conversion.MapValueToKey(\"{name}\"), or MapTextToKeys() for all text columns. If it is a text to be read, give it a tokenizer: new InputColumn(\"{name}\") {{ Tokenizer = new Characters() }}. Else it is not yet a number: {Advice(name)}" : Advice(name)));
        if (column.Kind == SchemaShape.Column.VectorKind.VariableVector && shape is not SequenceShape && !(shape is null && ColumnNote.StepWidth.IsPromised(column)))
            throw Unfit(name, $"must have the same length in every row, but is {column.Describe()}. If a row is a sequence of steps, say how many numbers a step has: new SequenceShape(width). {Advice(name)}");
    }

    /// <summary>Finds the column that a model was trained on in the data to be scored.</summary>
    public DataViewSchema.Column Bind(DataViewSchema schema)
    {
        var column = Require(schema, Name, "feature");
        if (Picture)
            return column.Type is ImageDataViewType picture && (picture.Height == 0 || picture.Height == Dimensions[0] && picture.Width == Dimensions[1]) ? column
                : throw Unfit(Name, $"must hold pictures of {Dimensions[0]} × {Dimensions[1]} pixels (height × width) as in training, but is {column.Type}.");
        if (Text is not null)
            return column.Type is TextDataViewType ? column : throw Unfit(Name, $"must be text as in training, but is {column.Type}.");
        if (Dimensions.Count == 0)
            return (Keys ? column.Type is KeyDataViewType key && key.Count == (ulong)((IdsShape)Shape).Categories - 1 : NumberReader.Reads(column.Type)) ? column
                : throw Unfit(Name, $"must be {(Keys ? $"a key of {((IdsShape)Shape).Categories - 1} values" : "a number")} as in training, but is {column.Type}.");
        if (column.Type is not VectorDataViewType vector || !Fits(vector))
            throw Unfit(Name, Shape.IsVariable ? $"must be {Type} as in training, but is {column.Type}."
                : $"must be a vector of {Shape.Count} × {(Elements switch { ElementKind.UInt8 => "Byte", ElementKind.Int32 when Keys => $"Key({((IdsShape)Shape).Categories - 1})", ElementKind.Int32 => "Int32", _ => "Single" })} as in training, but is {column.Type}.");
        return column;
    }

    private bool Fits(VectorDataViewType vector)
    {
        var item = Elements != ElementKind.Int32 ? ElementsOf(vector.ItemType) == Elements
            : Keys ? vector.ItemType is KeyDataViewType key && key.Count == (ulong)((IdsShape)Shape).Categories - 1
            : vector.ItemType == NumberDataViewType.Int32;
        return item && (Shape.IsVariable ? !vector.IsKnownSize || vector.Size % Shape.ChannelCount == 0 || Elements == ElementKind.Int32 : vector.Size == Shape.Count);
    }

    private static int CategoriesOf(string name, KeyDataViewType key) => key.Count < int.MaxValue ? (int)key.Count + 1
        : throw Unfit(name, $"is {key}: a network learns at most {int.MaxValue - 1:N0} categories. Map its values anew with MapValueToKey, or hash them with fewer bits.");

    private const string Readable = "a number, a vector of Single or Byte, keys, or pictures";

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

    private static string WidthsOf(int size) => string.Join(" or ", Enumerable.Range(1, 12).Where(width => size % width == 0));

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
