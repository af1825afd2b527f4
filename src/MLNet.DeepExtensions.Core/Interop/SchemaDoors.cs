using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Interop;

/// <summary>An estimator's promise of columns, which outsiders may read but not write (dotnet/machinelearning#3243).</summary>
internal static class SchemaDoors
{
    public static KeyDataViewType ScoreColumnSetIdType => AnnotationUtils.ScoreColumnSetIdType;

    public static SchemaShape.Column Column(string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey, SchemaShape? annotations = null) =>
        new(name, kind, itemType, isKey, annotations);

    public static SchemaShape Shape(IEnumerable<SchemaShape.Column> columns) => new(columns);

    public static SchemaShape ShapeOf(DataViewSchema schema) => SchemaShape.Create(schema);

    /// <summary>What ML.NET's own trainers promise beside a score.</summary>
    public static IEnumerable<SchemaShape.Column> ScoreColumnAnnotations() => AnnotationUtils.GetTrainerOutputAnnotation();

    /// <summary>The type as ML.NET writes it, for messages.</summary>
    public static string Describe(this SchemaShape.Column column) => column.GetTypeString();

    /// <summary>The type of the values behind a key column, or null where it has none.</summary>
    public static DataViewType? KeyValuesType(this SchemaShape.Column column)
    {
        foreach (var annotation in column.Annotations)
            if (annotation.Name == AnnotationNames.KeyValues && annotation.Kind == SchemaShape.Column.VectorKind.Vector)
                return annotation.ItemType;
        return null;
    }
}

/// <summary>The names of ML.NET's annotations and of what they say.</summary>
internal static class AnnotationNames
{
    public const string SlotNames = AnnotationUtils.Kinds.SlotNames;
    public const string KeyValues = AnnotationUtils.Kinds.KeyValues;
    public const string TrainingLabelValues = AnnotationUtils.Kinds.TrainingLabelValues;
    public const string ScoreColumnSetId = AnnotationUtils.Kinds.ScoreColumnSetId;
    public const string ScoreColumnKind = AnnotationUtils.Kinds.ScoreColumnKind;
    public const string ScoreValueKind = AnnotationUtils.Kinds.ScoreValueKind;
    public const string MulticlassClassification = AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification;
    public const string BinaryClassification = AnnotationUtils.Const.ScoreColumnKind.BinaryClassification;
    public const string Regression = AnnotationUtils.Const.ScoreColumnKind.Regression;
    public const string MultiOutputRegression = AnnotationUtils.Const.ScoreColumnKind.MultiOutputRegression;
    public const string Probability = AnnotationUtils.Const.ScoreValueKind.Probability;
    public const string Score = AnnotationUtils.Const.ScoreValueKind.Score;
    public const string PredictedLabel = AnnotationUtils.Const.ScoreValueKind.PredictedLabel;
}
