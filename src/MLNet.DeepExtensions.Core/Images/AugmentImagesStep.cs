using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// Leaves a column's values as they are and writes beside them, as an annotation, how a trainer shall change them. What the words mean is the trainer's affair:
/// this assembly only carries them.
/// </summary>
[ConfigName("augment-images")]
internal sealed record AugmentImagesStep : RowStep
{
    /// <summary>The annotation: a text, a JSON array of augmentations.</summary>
    public const string Annotation = "DeepAugmentations";

    [Required]
    public required string ColumnName { get; init; }

    [Required]
    public required JsonArray Augmentations { get; init; }

    public override string Title => "AugmentImages";

    /// <summary>What the step wrote beside a column; null where it wrote nothing.</summary>
    public static string? AnnotationOf(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(Annotation) is not { Type: TextDataViewType })
            return null;
        ReadOnlyMemory<char> text = default;
        column.Annotations.GetValue(Annotation, ref text);
        return text.ToString();
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape input)
    {
        var column = FeatureColumn.Require(input, ColumnName, "picture");
        var fits = column.Kind switch
        {
            SchemaShape.Column.VectorKind.Scalar => column.ItemType is ImageDataViewType,
            SchemaShape.Column.VectorKind.Vector => !column.IsKey && IsPixel(column.ItemType),
            _ => false,
        };
        if (!fits)
            throw Unfit(column.Describe());
        var annotations = column.Annotations.Where(annotation => annotation.Name != Annotation)
            .Append(SchemaDoors.Column(Annotation, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false));
        yield return SchemaDoors.Column(ColumnName, column.Kind, column.ItemType, isKey: false, SchemaDoors.Shape(annotations));
    }

    public override IReadOnlyList<StepColumn> Bind(DataViewSchema input)
    {
        var source = FeatureColumn.Require(input, ColumnName, "picture");
        Func<DataViewRow, (Delegate, IDisposable?)> getter = source.Type switch
        {
            ImageDataViewType => row => (row.GetGetter<MLImage>(source), null),
            VectorDataViewType { IsKnownSize: true } vector when vector.ItemType == NumberDataViewType.Byte => row => (row.GetGetter<VBuffer<byte>>(source), null),
            VectorDataViewType { IsKnownSize: true } vector when vector.ItemType == NumberDataViewType.Single => row => (row.GetGetter<VBuffer<float>>(source), null),
            _ => throw Unfit(source.Type.ToString()!),
        };
        return [new StepColumn(ColumnName, source.Type, AnnotationsFor(source), source, getter)];
    }

    // what an earlier step of this kind wrote stands first
    private DataViewSchema.Annotations AnnotationsFor(DataViewSchema.Column source)
    {
        var all = (AnnotationOf(source) is { } earlier ? JsonNode.Parse(earlier)!.AsArray() : []).Concat(Augmentations).Select(item => item?.DeepClone());
        var text = new JsonArray([.. all]).ToJsonString().AsMemory();
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(source.Annotations, name => name != Annotation);
        builder.Add(Annotation, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = text);
        return builder.ToAnnotations();
    }

    private static bool IsPixel(DataViewType type) => type == NumberDataViewType.Byte || type == NumberDataViewType.Single;

    private ArgumentOutOfRangeException Unfit(string type) => new("schema",
        $"Column '{ColumnName}' must hold pictures, or vectors of Byte or Single of one length whose values are the pixels, but is {type}. " +
        $"Put mlContext.Transforms.ReadImages(\"{ColumnName}\", …) or LoadImages before AugmentImages, or name another column.");
}
