using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>One class of several: a key goes in; <c>Score</c> (probabilities, summing to 1) and <c>PredictedLabel</c> (a key) come out.</summary>
[ConfigName("multiclass")]
internal sealed record MulticlassTask : DeepTask, IValidatableObject
{
    /// <summary>Gets the number of classes; 0 before the task is fitted.</summary>
    [Range(0, 1 << 24)]
    public int Classes { get; init; }

    /// <summary>Gets the label of each class, or null where the key column names none.</summary>
    public LabelValues? Labels { get; init; }

    public override int OutputWidth => Classes;

    public override OutputActivation Activation => OutputActivation.Softmax;

    public override TargetKind Targets => TargetKind.ClassIndex;

    public override void CheckLabel(SchemaShape.Column label)
    {
        if (!label.IsKey || label.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw KeyTargets.NotAKey(label.Name, label.Describe());
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label)
    {
        var named = label.KeyValuesType();
        yield return SchemaDoors.Column(DefaultNames.Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false,
            ScoreAnnotations.Promise(named));
        yield return SchemaDoors.Column(DefaultNames.PredictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true,
            PredictedLabelAnnotations.Promise(named));
    }

    public override DeepTask Fit(DataViewSchema.Column label, OutputForm form)
    {
        if (label.Type is not KeyDataViewType key)
            throw KeyTargets.NotAKey(label.Name, label.Type.ToString()!);
        if (key.Count is < 2 or > 1 << 24)
            throw new ArgumentOutOfRangeException(nameof(label),
                $"Label column '{label.Name}' has {key.Count} classes, but a classifier needs at least 2 and at most {1 << 24:N0}. Check what MapValueToKey saw.");
        return this with { Classes = (int)key.Count, Labels = LabelValues.Of(label) };
    }

    public override TargetReader ReadTargets(DataViewRow row, DataViewSchema.Column label)
    {
        if (label.Type is not KeyDataViewType key)
            throw KeyTargets.NotAKey(label.Name, label.Type.ToString()!);
        if (key.Count != (ulong)Classes)
            throw new ArgumentOutOfRangeException(nameof(label),
                $"Label column '{label.Name}' has {key.Count} classes here, but {Classes} in the training set. Put MapValueToKey into the pipeline, so that both sets share one mapping.");
        return KeyTargets.Read(row, label);
    }

    public override RowStore NewTargetStore(long? expectedRows) => new RowStore<long>(rowLength: 1, expectedRows);

    public override IReadOnlyList<OutputColumn> OutputColumns() =>
    [
        new(DefaultNames.Score, new VectorDataViewType(NumberDataViewType.Single, Classes), ScoreAnnotations.Make(Labels),
            row => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                var editor = VBufferEditor.Create(ref value, Classes);
                row.Scores.CopyTo(editor.Values);
                value = editor.Commit();
            })),
        new(DefaultNames.PredictedLabel, new KeyDataViewType(typeof(uint), Classes), PredictedLabelAnnotations.Make(Labels),
            row => (ValueGetter<uint>)((ref uint value) => value = MostLikely(row.Scores))),
    ];

    /// <summary>Checks what a file says.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Labels is not null && Labels.Values.Count != Classes)
            yield return new ValidationResult($"there are {Labels.Values.Count} labels for {Classes} classes.");
    }

    // keys start at 1; 0 means missing, which is the honest answer where a score is not a number
    private static uint MostLikely(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]))
                return 0;
            if (scores[i] > scores[best])
                best = i;
        }
        return (uint)best + 1;
    }
}
