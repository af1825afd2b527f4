using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// Leaves a column's values as they are and writes beside them, as an annotation, how a trainer shall change them. What the words mean is the trainer's affair:
/// this assembly only carries them.
/// </summary>
internal abstract record AugmentStep : RowStep
{
    [Required]
    public required string ColumnName { get; init; }

    [Required]
    public required JsonArray Augmentations { get; init; }

    /// <summary>Gets the annotation: a text, a JSON array of augmentations.</summary>
    private protected abstract string Annotation { get; }

    /// <summary>Gets what a column holds that fits, for messages.</summary>
    private protected abstract string Role { get; }

    private protected abstract bool Fits(SchemaShape.Column column);

    /// <summary>What hands a row's values on; null where the column does not fit.</summary>
    private protected abstract Func<DataViewRow, Delegate>? Getter(DataViewSchema.Column source);

    private protected abstract ArgumentOutOfRangeException Unfit(string type);

    /// <summary>Whether any step of this kind wrote beside a column.</summary>
    public static bool HasNote(DataViewSchema.Column column) =>
        NoteOf(column, AugmentImagesStep.NoteName) is not null || NoteOf(column, AugmentSequencesStep.NoteName) is not null;

    /// <summary>What such a step wrote beside a column; null where it wrote nothing.</summary>
    public static string? NoteOf(DataViewSchema.Column column, string annotation)
    {
        if (column.Annotations.Schema.GetColumnOrNull(annotation) is not { Type: TextDataViewType })
            return null;
        ReadOnlyMemory<char> text = default;
        column.Annotations.GetValue(annotation, ref text);
        return text.ToString();
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape input)
    {
        var column = FeatureColumn.Require(input, ColumnName, Role);
        if (!Fits(column))
            throw Unfit(column.Describe());
        var annotations = column.Annotations.Where(annotation => annotation.Name != Annotation)
            .Append(SchemaDoors.Column(Annotation, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false));
        yield return SchemaDoors.Column(ColumnName, column.Kind, column.ItemType, isKey: false, SchemaDoors.Shape(annotations));
    }

    public override IReadOnlyList<StepColumn> Bind(DataViewSchema input)
    {
        var source = FeatureColumn.Require(input, ColumnName, Role);
        var getter = Getter(source) ?? throw Unfit(source.Type.ToString()!);
        return [new StepColumn(ColumnName, source.Type, AnnotationsFor(source), source, row => (getter(row), null))];
    }

    // what an earlier step of this kind wrote stands first
    private DataViewSchema.Annotations AnnotationsFor(DataViewSchema.Column source)
    {
        var all = (NoteOf(source, Annotation) is { } earlier ? JsonNode.Parse(earlier)!.AsArray() : []).Concat(Augmentations).Select(item => item?.DeepClone());
        var text = new JsonArray([.. all]).ToJsonString().AsMemory();
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(source.Annotations, name => name != Annotation);
        builder.Add(Annotation, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = text);
        return builder.ToAnnotations();
    }
}
