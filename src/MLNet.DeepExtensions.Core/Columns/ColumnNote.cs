using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>A whole number that one step writes beside a column for those behind it to read, as an annotation: what is known of its values need not be said twice.</summary>
/// <param name="Name">The annotation's name.</param>
/// <param name="Least">The smallest number that means something.</param>
internal sealed record ColumnNote(string Name, int Least = 1)
{
    /// <summary>Gets the note of how many samples a second has.</summary>
    public static ColumnNote SampleRate { get; } = new("DeepSampleRate");

    /// <summary>Gets the note of how many numbers a step of a sequence has.</summary>
    public static ColumnNote StepWidth { get; } = new("DeepStepWidth");

    /// <summary>Gets the note of how many categories a column of whole numbers has, as tokens have.</summary>
    public static ColumnNote Categories { get; } = new("DeepCategories");

    /// <summary>Gets the note of which of them ends each part of a row.</summary>
    public static ColumnNote Separator { get; } = new("DeepSeparator", Least: 0);

    /// <summary>The number beside a column; null where there is none.</summary>
    public int? Of(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(Name)?.Type != NumberDataViewType.Int32)
            return null;
        var value = 0;
        column.Annotations.GetValue(Name, ref value);
        return value >= Least ? value : null;
    }

    public bool IsPromised(SchemaShape.Column column) => column.Annotations.Any(annotation => annotation.Name == Name && annotation.ItemType == NumberDataViewType.Int32);

    public SchemaShape Promise() => Promise([this]);

    /// <summary>What an estimator promises where a step writes several.</summary>
    public static SchemaShape Promise(IEnumerable<ColumnNote> notes) =>
        SchemaDoors.Shape([.. notes.Select(note => SchemaDoors.Column(note.Name, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Int32, isKey: false))]);

    public DataViewSchema.Annotations Write(int number) => Write([(this, number)]);

    /// <summary>Several notes beside one column.</summary>
    public static DataViewSchema.Annotations Write(IEnumerable<(ColumnNote Note, int Number)> notes)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        foreach (var (note, number) in notes)
            builder.Add(note.Name, NumberDataViewType.Int32, (ref int value) => value = number);
        return builder.ToAnnotations();
    }
}
