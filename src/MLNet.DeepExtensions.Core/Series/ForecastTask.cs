using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// The next values of time series: <c>Score</c> comes out, each target's horizon behind that of the one before; with quantiles a vector <c>Quantiles</c> too, with variances <c>Variance</c>.
/// To a loss it is a regression of as many numbers as there are targets and steps.
/// </summary>
[ConfigName("forecast")]
internal sealed record ForecastTask : RegressionTask
{
    /// <summary>The annotation beside the score: how forecasts are to be read, as JSON.</summary>
    public const string Annotation = "DeepForecast";

    [Required]
    public required ForecastColumns Columns { get; init; }

    /// <summary>Gets how far each target is from itself one season before, on average over the training rows.</summary>
    public IReadOnlyList<double>? NaiveErrors { get; init; }

    protected override int ScaledTargets => Columns.Targets.Count;

    protected override int[] LabelDimensions => Columns.IsScalar ? [Columns.Horizon] : [Columns.Targets.Count, Columns.Horizon];

    public static ForecastTask For(ForecastColumns columns, OutputForm form) => new()
    {
        Columns = columns, Width = checked(columns.Targets.Count * columns.Horizon), IsVector = true, Form = form,
    };

    public override IReadOnlyList<OutputColumn> OutputColumns()
    {
        var columns = base.OutputColumns().ToList();
        columns[0] = columns[0] with { Annotations = WithForecast() };
        return columns;
    }

    public static IEnumerable<SchemaShape.Column> Promise(OutputForm form)
    {
        var annotations = new SchemaShape(SchemaDoors.ScoreColumnAnnotations().Append(
            SchemaDoors.Column(Annotation, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false)));
        foreach (var name in new[] { DefaultNames.Score, form.Quantiles is null ? null : "Quantiles", form.HasVariance ? "Variance" : null }.OfType<string>())
            yield return SchemaDoors.Column(name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, annotations);
    }

    /// <summary>Finds what wrote a score column.</summary>
    /// <exception cref="ArgumentException">The column is no forecast of ours.</exception>
    public static ForecastTask Of(DataViewSchema schema)
    {
        if (schema.GetColumnOrNull(DefaultNames.Score) is not { } score || score.Annotations.Schema.GetColumnOrNull(Annotation) is null)
            throw new ArgumentException("The data has no column 'Score' with forecasts of mlContext.Forecasting.Trainers.Deep. Give what a fitted pipeline's Transform gives.", nameof(schema));
        ReadOnlyMemory<char> text = default;
        score.Annotations.GetValue(Annotation, ref text);
        return (ForecastTask)ConfigJson.Read<DeepTask>(System.Text.Encoding.UTF8.GetBytes(text.ToString()));
    }

    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var wrong in base.Validate(validationContext))
            yield return wrong;
        if ((long)Columns.Targets.Count * Columns.Horizon != Width || !IsVector)
            yield return new ValidationResult($"there are {Columns.Targets.Count} targets of {Columns.Horizon} steps in {Width} outputs.");
        if (NaiveErrors is not null && NaiveErrors.Count != Columns.Targets.Count)
            yield return new ValidationResult($"there are {NaiveErrors.Count} naive errors for {Columns.Targets.Count} targets.");
    }

    private DataViewSchema.Annotations WithForecast()
    {
        var text = System.Text.Encoding.UTF8.GetString(ConfigJson.Write<DeepTask>(this)).AsMemory();
        var annotations = new DataViewSchema.Annotations.Builder();
        ScoreAnnotations.AddKind(annotations, AnnotationNames.MultiOutputRegression, AnnotationNames.Score);
        annotations.Add(Annotation, TextDataViewType.Instance, (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = text));
        return annotations.ToAnnotations();
    }
}
