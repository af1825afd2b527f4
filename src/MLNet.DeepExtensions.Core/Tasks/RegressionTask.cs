using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// Numbers: a Single, or a vector of them, goes in; <c>Score</c>, of the same type, comes out. With quantiles a vector <c>Quantiles</c> comes out too, with variances <c>Variance</c>.
/// </summary>
[ConfigName("regression")]
internal record RegressionTask : DeepTask, IValidatableObject
{
    /// <summary>Gets how many numbers a label has; 0 before the task is fitted.</summary>
    [Range(0, 1 << 24)]
    public int Width { get; init; }

    /// <summary>Gets whether the label is a vector.</summary>
    public bool IsVector { get; init; }

    /// <summary>Gets the names of the label's slots.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    [Required]
    public OutputForm Form { get; init; } = OutputForm.Plain;

    /// <summary>Gets what was learnt of the training rows' targets; null where they are not scaled.</summary>
    public TargetScale? Scale { get; init; }

    /// <summary>Gets how many targets have a scale of their own.</summary>
    protected virtual int ScaledTargets => Width;

    /// <summary>Gets the dimensions of a label that is a vector.</summary>
    protected virtual int[] LabelDimensions => [Width];

    public override int OutputWidth => Width * Form.OutputsPerTarget;

    public override OutputActivation Activation => Form.Activation;

    public override TargetKind Targets => TargetKind.Value;

    public override void CheckLabel(SchemaShape.Column label)
    {
        if (label.IsKey || label.ItemType != NumberDataViewType.Single || label.Kind == SchemaShape.Column.VectorKind.VariableVector)
            throw NotANumber(label.Name, label.Describe());
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label)
    {
        var annotations = new SchemaShape(SchemaDoors.ScoreColumnAnnotations());
        var kind = label.Kind;
        yield return SchemaDoors.Column(DefaultNames.Score, kind, NumberDataViewType.Single, isKey: false, annotations);
        if (Form.Quantiles is not null)
            yield return SchemaDoors.Column("Quantiles", SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, annotations);
        if (Form.HasVariance)
            yield return SchemaDoors.Column("Variance", kind, NumberDataViewType.Single, isKey: false, annotations);
    }

    public override DeepTask Fit(DataViewSchema.Column label, OutputForm form) => label.Type switch
    {
        NumberDataViewType number when number == NumberDataViewType.Single => this with { Width = 1, IsVector = false, Form = form },
        VectorDataViewType { IsKnownSize: true } vector when vector.ItemType == NumberDataViewType.Single => this with { Width = vector.Size, IsVector = true, Form = form, Names = LabelValues.SlotNamesOf(label) },
        _ => throw NotANumber(label.Name, label.Type.ToString()!),
    };

    public override TargetReader ReadTargets(DataViewRow row, DataViewSchema.Column label)
    {
        if ((Fit(label, Form) as RegressionTask)!.Width is var width && width != Width)
            throw new ArgumentOutOfRangeException(nameof(label), $"Label column '{label.Name}' has {width} numbers in each row here, but {Width} in the training set.");
        return NumberTargets.Read(row, label, Width);
    }

    public override RowStore NewTargetStore(long? expectedRows) => new RowStore<float>(Width, expectedRows);

    public override IReadOnlyList<OutputColumn> OutputColumns()
    {
        var kind = IsVector ? AnnotationNames.MultiOutputRegression : AnnotationNames.Regression;
        var columns = new List<OutputColumn> { Numbers(DefaultNames.Score, kind, Score) };
        if (Form.Quantiles is { } quantiles)
            columns.Add(new("Quantiles", new VectorDataViewType(NumberDataViewType.Single, IsVector ? [.. LabelDimensions, quantiles.Count] : new[] { quantiles.Count }),
                ScoreAnnotations.Named(kind, AnnotationNames.Score, IsVector ? null : [.. quantiles.Select(quantile => quantile.ToString(CultureInfo.InvariantCulture))]),
                row => Vector(OutputWidth, i => Sorted(row.Scores, i / quantiles.Count, i % quantiles.Count))));
        if (Form.HasVariance)
            columns.Add(Numbers("Variance", kind, Variance));
        return columns;
    }

    /// <summary>Checks what a file says.</summary>
    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Scale is not null && Scale.Mean.Count != ScaledTargets)
            yield return new ValidationResult($"there are {Scale.Mean.Count} scales for {ScaledTargets} targets.");
        if (Names is not null && Names.Count != Width)
            yield return new ValidationResult($"there are {Names.Count} names for {Width} targets.");
    }

    private OutputColumn Numbers(string name, string kind, Func<ScoredRow, int, float> number) => IsVector
        ? new(name, new VectorDataViewType(NumberDataViewType.Single, LabelDimensions), ScoreAnnotations.Named(kind, AnnotationNames.Score, Names), row => Vector(Width, i => number(row, i)))
        : new(name, NumberDataViewType.Single, ScoreAnnotations.Plain(kind, AnnotationNames.Score), row => (ValueGetter<float>)((ref float value) => value = number(row, 0)));

    private static ValueGetter<VBuffer<float>> Vector(int count, Func<int, float> number) => (ref VBuffer<float> value) =>
    {
        var editor = VBufferEditor.Create(ref value, count);
        for (var i = 0; i < count; i++)
            editor.Values[i] = number(i);
        value = editor.Commit();
    };

    private float Score(ScoredRow row, int target) => Form.Quantiles is { } quantiles
        ? Sorted(row.Scores, target, Enumerable.Range(0, quantiles.Count).MinBy(i => Math.Abs(quantiles[i] - 0.5)))
        : Unscaled(row.Scores[target * Form.OutputsPerTarget], target);

    // softplus, as in the loss; a variance has the square of the targets' unit
    private float Variance(ScoredRow row, int target)
    {
        var raw = row.Scores[2 * target + 1];
        var variance = raw > 20 ? raw : Math.Log(1 + Math.Exp(raw));
        var scale = Scale?.Std[ScaleOf(target)] ?? 1;
        return (float)(variance * scale * scale);
    }

    // quantiles that crossed are put in order (Chernozhukov et al. 2010), which never makes them worse
    private float Sorted(ReadOnlySpan<float> scores, int target, int quantile)
    {
        var count = Form.Quantiles!.Count;
        Span<float> values = stackalloc float[count];
        scores.Slice(target * count, count).CopyTo(values);
        values.Sort();
        return Unscaled(values[quantile], target);
    }

    private float Unscaled(float value, int target) => Scale is null ? value : value * Scale.Std[ScaleOf(target)] + Scale.Mean[ScaleOf(target)];

    // neighbours may be one target at several times
    private int ScaleOf(int target) => (int)((long)target * Scale!.Mean.Count / Width);

    private static ArgumentOutOfRangeException NotANumber(string name, string type) => new("label",
        $"Label column '{name}' must be a Single, or a vector of Single of one length, but is {type}. Convert it: mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single); " +
        "several columns become one by mlContext.Transforms.Concatenate.");
}
