using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Yes or no: a Boolean goes in; <c>Score</c> (the log-odds), <c>Probability</c> (its sigmoid) and <c>PredictedLabel</c> (a Boolean) come out.</summary>
[ConfigName("binary")]
internal sealed record BinaryTask : DeepTask
{
    public override int OutputWidth => 1;

    public override OutputActivation Activation => OutputActivation.None;

    public override TargetKind Targets => TargetKind.Probability;

    public override void CheckLabel(SchemaShape.Column label)
    {
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || label.ItemType != BooleanDataViewType.Instance)
            throw NotABoolean(label.Name, label.Describe());
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label)
    {
        var annotations = new SchemaShape(SchemaDoors.ScoreColumnAnnotations());
        yield return SchemaDoors.Column(DefaultNames.Score, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false, annotations);
        yield return SchemaDoors.Column(DefaultNames.Probability, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false, annotations);
        yield return SchemaDoors.Column(DefaultNames.PredictedLabel, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, isKey: false, annotations);
    }

    public override DeepTask Fit(DataViewSchema.Column label, OutputForm form) => label.Type is BooleanDataViewType ? this : throw NotABoolean(label.Name, label.Type.ToString()!);

    public override TargetReader ReadTargets(DataViewRow row, DataViewSchema.Column label) =>
        label.Type is BooleanDataViewType ? NumberTargets.Read(row, label, 1) : throw NotABoolean(label.Name, label.Type.ToString()!);

    public override RowStore NewTargetStore(long? expectedRows) => new RowStore<float>(rowLength: 1, expectedRows);

    public override IReadOnlyList<OutputColumn> OutputColumns() =>
    [
        new(DefaultNames.Score, NumberDataViewType.Single, ScoreAnnotations.Plain(AnnotationNames.BinaryClassification, AnnotationNames.Score),
            row => (ValueGetter<float>)((ref float value) => value = row.Scores[0])),
        new(DefaultNames.Probability, NumberDataViewType.Single, ScoreAnnotations.Plain(AnnotationNames.BinaryClassification, AnnotationNames.Probability),
            row => (ValueGetter<float>)((ref float value) => value = (float)(1 / (1 + Math.Exp(-row.Scores[0]))))),
        new(DefaultNames.PredictedLabel, BooleanDataViewType.Instance, ScoreAnnotations.Plain(AnnotationNames.BinaryClassification, AnnotationNames.PredictedLabel),
            row => (ValueGetter<bool>)((ref bool value) => value = row.Scores[0] > 0)),
    ];

    private static ArgumentOutOfRangeException NotABoolean(string name, string type) => new("label",
        $"Label column '{name}' must be a Boolean, but is {type}. Convert it (mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Boolean) for 0 and 1), " +
        "or use mlContext.MulticlassClassification.Trainers.Deep for keys.");
}
