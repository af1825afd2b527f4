using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Vectors that lie near each other where rows are of one class: a key goes in; a vector of Single of length 1 comes out.</summary>
[ConfigName("embedding")]
internal sealed record EmbeddingTask : DeepTask
{
    /// <summary>Gets the numbers in a vector.</summary>
    [Range(1, 1 << 16)]
    public int Size { get; init; } = 128;

    /// <summary>Gets the name of the column of vectors.</summary>
    [Required]
    public string ColumnName { get; init; } = DefaultNames.Embedding;

    /// <summary>Gets the number of classes to learn from; 0 before the task is fitted.</summary>
    [Range(0, 1 << 24)]
    public int Classes { get; init; }

    public override int OutputWidth => Size;

    public override OutputActivation Activation => OutputActivation.UnitLength;

    public override TargetKind Targets => TargetKind.Identity;

    public override void CheckLabel(SchemaShape.Column label)
    {
        if (!label.IsKey || label.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw KeyTargets.NotAKey(label.Name, label.Describe());
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label) =>
        [SchemaDoors.Column(ColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false)];

    public override DeepTask Fit(DataViewSchema.Column label, OutputForm form)
    {
        if (label.Type is not KeyDataViewType key)
            throw KeyTargets.NotAKey(label.Name, label.Type.ToString()!);
        if (key.Count is < 2 or > 1 << 24)
            throw new ArgumentOutOfRangeException(nameof(label),
                $"Label column '{label.Name}' has {key.Count} classes, but an embedding is learnt from at least 2 and at most {1 << 24:N0}. Check what MapValueToKey saw.");
        return this with { Classes = (int)key.Count };
    }

    // the classes of a validation set may be others than those of the training set: what counts is which rows are of one class
    public override TargetReader ReadTargets(DataViewRow row, DataViewSchema.Column label) =>
        label.Type is KeyDataViewType ? KeyTargets.Read(row, label) : throw KeyTargets.NotAKey(label.Name, label.Type.ToString()!);

    public override RowStore NewTargetStore(long? expectedRows) => new RowStore<long>(rowLength: 1, expectedRows);

    public override IReadOnlyList<OutputColumn> OutputColumns() =>
    [
        new(ColumnName, new VectorDataViewType(NumberDataViewType.Single, Size), DataViewSchema.Annotations.Empty,
            row => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                var editor = VBufferEditor.Create(ref value, Size);
                row.Scores.CopyTo(editor.Values);
                value = editor.Commit();
            })),
    ];
}
