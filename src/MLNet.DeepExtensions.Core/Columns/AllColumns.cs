using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.DeepExtensions;

/// <summary>
/// All columns of a table that can feed a network, so that they need not be named one by one: numbers, yes or no, vectors of Single or Byte, keys and vectors of keys.
/// The label's and the weight's columns are never among them. A column of another kind is an error that says what to do with it: none is left out in silence.
/// </summary>
public sealed record AllColumns
{
    private readonly IReadOnlyList<string> excluded;

    private AllColumns(IReadOnlyList<string> excluded) => this.excluded = excluded;

    /// <summary>Gets all columns but the label's and the weight's.</summary>
    public static AllColumns Usable { get; } = new([]);

    /// <summary>Leaves some columns out: row numbers, names, and whatever tells the answer.</summary>
    /// <param name="columnNames">Their names.</param>
    /// <returns>All other columns.</returns>
    public static AllColumns But(params string[] columnNames)
    {
        ArgumentNullException.ThrowIfNull(columnNames);
        return new([.. columnNames]);
    }

    /// <summary>The columns in some data, in its order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column cannot feed a network, none is left, or one that is to be left out is not there.</exception>
    internal IReadOnlyList<InputColumn> In(SchemaShape schema, string label, string? exampleWeight)
    {
        if (excluded.Except(schema.Select(column => column.Name)).FirstOrDefault() is { } absent)
            throw new ArgumentOutOfRangeException(nameof(schema), $"AllColumns.But names column '{absent}', which is not in the data; it has: {string.Join(", ", schema.Select(column => column.Name))}.");
        var taken = schema.Where(column => column.Name != label && column.Name != exampleWeight && !excluded.Contains(column.Name)).ToList();
        if (taken.Count == 0)
            throw new ArgumentOutOfRangeException(nameof(schema), "AllColumns leaves no feature column: the data has none but the label, the weight and those that are left out.");
        return taken.FirstOrDefault(column => !Feeds(column)) is { Name: not null } unfit ? throw Unfit(unfit) : [.. taken.Select(column => new InputColumn(column.Name))];
    }

    private static bool Feeds(SchemaShape.Column column) => column.IsKey || column.Kind switch
    {
        SchemaShape.Column.VectorKind.Scalar => NumberReader.Reads(column.ItemType),
        SchemaShape.Column.VectorKind.Vector => column.ItemType == NumberDataViewType.Single || column.ItemType == NumberDataViewType.Byte,
        _ => false,
    };

    private static ArgumentOutOfRangeException Unfit(SchemaShape.Column column) => new("schema", $"AllColumns takes numbers, yes or no, vectors and keys, but column '{column.Name}' is {Interop.SchemaDoors.Describe(column)}. " +
        (column.ItemType is TextDataViewType ? "If it says a category, make it a key: mlContext.Transforms.Conversion.MapTextToKeys() before the trainer. If not, " : column.ItemType is ImageDataViewType ? "Name columns with pictures one by one, or " : "Convert it, or ") +
        $"leave it out: AllColumns.But(\"{column.Name}\").");
}
