using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Notes beside a column of sequences how a trainer shall change them.</summary>
[ConfigName("augment-sequences")]
internal sealed record AugmentSequencesStep : AugmentStep
{
    public const string NoteName = "DeepSequenceAugmentations";

    public override string Title => "AugmentSequences";

    private protected override string Annotation => NoteName;

    private protected override string Role => "sequence";

    private protected override bool Fits(SchemaShape.Column column) =>
        column.Kind != SchemaShape.Column.VectorKind.Scalar && !column.IsKey && column.ItemType == NumberDataViewType.Single;

    private protected override Func<DataViewRow, Delegate>? Getter(DataViewSchema.Column source) =>
        source.Type is VectorDataViewType vector && vector.ItemType == NumberDataViewType.Single ? row => row.GetGetter<VBuffer<float>>(source) : null;

    private protected override ArgumentOutOfRangeException Unfit(string type) => new("schema",
        $"Column '{ColumnName}' must hold sequences (vectors of Single, one step after the other), but is {type}. Name another column, such as the one that mlContext.Transforms.MelSpectrogram makes.");
}
