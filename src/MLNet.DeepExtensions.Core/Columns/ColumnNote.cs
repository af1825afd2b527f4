using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>A whole number that one step writes beside a column for those behind it to read, as an annotation: what is known of its values need not be said twice.</summary>
/// <param name="Name">The annotation's name.</param>
internal sealed record ColumnNote(string Name)
{
    /// <summary>Gets the note of how many samples a second has.</summary>
    public static ColumnNote SampleRate { get; } = new("DeepSampleRate");

    /// <summary>Gets the note of how many numbers a step of a sequence has.</summary>
    public static ColumnNote StepWidth { get; } = new("DeepStepWidth");

    /// <summary>The number beside a column; null where there is none.</summary>
    public int? Of(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(Name)?.Type != NumberDataViewType.Int32)
            return null;
        var value = 0;
        column.Annotations.GetValue(Name, ref value);
        return value > 0 ? value : null;
    }

    public bool IsPromised(SchemaShape.Column column) => column.Annotations.Any(annotation => annotation.Name == Name && annotation.ItemType == NumberDataViewType.Int32);

    public SchemaShape Promise() => SchemaDoors.Shape([SchemaDoors.Column(Name, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Int32, isKey: false)]);

    public DataViewSchema.Annotations Write(int number)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(Name, NumberDataViewType.Int32, (ref int value) => value = number);
        return builder.ToAnnotations();
    }
}
