using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.DeepExtensions;

/// <summary>Notes beside a column of pictures how a trainer shall change them.</summary>
[ConfigName("augment-images")]
internal sealed record AugmentImagesStep : AugmentStep
{
    public const string NoteName = "DeepAugmentations";

    public override string Title => "AugmentImages";

    private protected override string Annotation => NoteName;

    private protected override string Role => "picture";

    private protected override bool Fits(SchemaShape.Column column) => column.Kind switch
    {
        SchemaShape.Column.VectorKind.Scalar => column.ItemType is ImageDataViewType,
        SchemaShape.Column.VectorKind.Vector => !column.IsKey && IsPixel(column.ItemType),
        _ => false,
    };

    private protected override Func<DataViewRow, Delegate>? Getter(DataViewSchema.Column source) => source.Type switch
    {
        ImageDataViewType => row => row.GetGetter<MLImage>(source),
        VectorDataViewType { IsKnownSize: true } vector when vector.ItemType == NumberDataViewType.Byte => row => row.GetGetter<VBuffer<byte>>(source),
        VectorDataViewType { IsKnownSize: true } vector when vector.ItemType == NumberDataViewType.Single => row => row.GetGetter<VBuffer<float>>(source),
        _ => null,
    };

    private protected override ArgumentOutOfRangeException Unfit(string type) => new("schema",
        $"Column '{ColumnName}' must hold pictures, or vectors of Byte or Single of one length whose values are the pixels, but is {type}. " +
        $"Put mlContext.Transforms.ReadImages(\"{ColumnName}\", …) or LoadImages before AugmentImages, or name another column.");

    private static bool IsPixel(DataViewType type) => type == NumberDataViewType.Byte || type == NumberDataViewType.Single;
}
