using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// Any number of several labels: a vector of Boolean, or of Single from 0 to 1, goes in; <c>Score</c> (the probability of each) and <c>PredictedLabel</c> (a vector of Boolean: above one half) come out.
/// </summary>
[ConfigName("multi-label")]
internal sealed record MultiLabelTask : DeepTask, IValidatableObject
{
    /// <summary>Gets the number of labels; 0 before the task is fitted.</summary>
    [Range(0, 1 << 24)]
    public int Width { get; init; }

    /// <summary>Gets the names of the labels, which are the names of the column's slots.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    public override int OutputWidth => Width;

    public override OutputActivation Activation => OutputActivation.Sigmoid;

    public override TargetKind Targets => TargetKind.Probability;

    public override void CheckLabel(SchemaShape.Column label)
    {
        if (label.Kind != SchemaShape.Column.VectorKind.Vector || label.IsKey || label.ItemType != BooleanDataViewType.Instance && label.ItemType != NumberDataViewType.Single)
            throw NotAVector(label.Name, label.Describe());
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label)
    {
        var annotations = new SchemaShape(SchemaDoors.ScoreColumnAnnotations());
        yield return SchemaDoors.Column(DefaultNames.Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, annotations);
        yield return SchemaDoors.Column(DefaultNames.PredictedLabel, SchemaShape.Column.VectorKind.Vector, BooleanDataViewType.Instance, isKey: false, annotations);
    }

    public override DeepTask Fit(DataViewSchema.Column label, OutputForm form) =>
        label.Type is VectorDataViewType { IsKnownSize: true } vector && (vector.ItemType == BooleanDataViewType.Instance || vector.ItemType == NumberDataViewType.Single)
            ? this with { Width = vector.Size, Names = LabelValues.SlotNamesOf(label) }
            : throw NotAVector(label.Name, label.Type.ToString()!);

    public override TargetReader ReadTargets(DataViewRow row, DataViewSchema.Column label)
    {
        if (((MultiLabelTask)Fit(label, OutputForm.Plain)).Width is var width && width != Width)
            throw new ArgumentOutOfRangeException(nameof(label), $"Label column '{label.Name}' has {width} labels here, but {Width} in the training set.");
        return NumberTargets.Read(row, label, Width);
    }

    public override RowStore NewTargetStore(long? expectedRows) => new RowStore<float>(Width, expectedRows);

    public override IReadOnlyList<OutputColumn> OutputColumns() =>
    [
        new(DefaultNames.Score, new VectorDataViewType(NumberDataViewType.Single, Width), ScoreAnnotations.Named(AnnotationNames.MulticlassClassification, AnnotationNames.Score, Names),
            row => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                var editor = VBufferEditor.Create(ref value, Width);
                row.Scores.CopyTo(editor.Values);
                value = editor.Commit();
            })),
        new(DefaultNames.PredictedLabel, new VectorDataViewType(BooleanDataViewType.Instance, Width),
            ScoreAnnotations.Named(AnnotationNames.MulticlassClassification, AnnotationNames.PredictedLabel, Names),
            row => (ValueGetter<VBuffer<bool>>)((ref VBuffer<bool> value) =>
            {
                var editor = VBufferEditor.Create(ref value, Width);
                for (var i = 0; i < Width; i++)
                    editor.Values[i] = row.Scores[i] > 0.5f;
                value = editor.Commit();
            })),
    ];

    /// <summary>Checks what a file says.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Names is not null && Names.Count != Width)
            yield return new ValidationResult($"there are {Names.Count} names for {Width} labels.");
    }

    private static ArgumentOutOfRangeException NotAVector(string name, string type) => new("label",
        $"Label column '{name}' must be a vector of Boolean, or of Single from 0 to 1, of one length, but is {type}. " +
        $"Make one, for example by mlContext.Transforms.Categorical.OneHotEncoding(\"{name}\", outputKind: OneHotEncodingEstimator.OutputKind.Bag), or concatenate columns.");
}
