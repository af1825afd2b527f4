using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>That a user chose an item, which each row says: the items' key goes in, <c>Score</c> comes out, the higher the sooner the user would choose the item.</summary>
[ConfigName("interaction")]
internal sealed record InteractionTask : DeepTask
{
    public override int OutputWidth => 1;

    public override OutputActivation Activation => OutputActivation.None;

    public override TargetKind Targets => TargetKind.Probability;

    public override void CheckLabel(SchemaShape.Column label)
    {
        if (!label.IsKey || label.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw NotAKey(label.Name, label.Describe());
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label)
    {
        yield return SchemaDoors.Column(DefaultNames.Score, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false, new SchemaShape(SchemaDoors.ScoreColumnAnnotations()));
    }

    public override DeepTask Fit(DataViewSchema.Column label, OutputForm form) => label.Type is KeyDataViewType ? this : throw NotAKey(label.Name, label.Type.ToString()!);

    public override TargetReader ReadTargets(DataViewRow row, DataViewSchema.Column label) => new Chosen();

    public override RowStore NewTargetStore(long? expectedRows) => new RowStore<float>(rowLength: 1, expectedRows);

    public override IReadOnlyList<OutputColumn> OutputColumns() =>
    [
        new(DefaultNames.Score, NumberDataViewType.Single, ScoreAnnotations.Plain(AnnotationNames.Regression, AnnotationNames.Score), row => (ValueGetter<float>)((ref float value) => value = row.Scores[0])),
    ];

    private static ArgumentOutOfRangeException NotAKey(string name, string type) => new("itemColumns",
        $"The items' column '{name}' must be a key, but is {type}. Add mlContext.Transforms.Conversion.MapValueToKey(\"{name}\") before the trainer.");

    private sealed class Chosen : TargetReader
    {
        public override bool Read() => true;

        public override void AddTo(RowStore store) => ((RowStore<float>)store).Add(1);
    }
}
