using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>The usual names of output columns; ML.NET's evaluators look for the first three.</summary>
internal static class DefaultNames
{
    public const string Score = "Score";
    public const string PredictedLabel = "PredictedLabel";
    public const string Probability = "Probability";
    public const string Embedding = "Embedding";
}

/// <summary>What ML.NET's evaluators read beside a Score column: which kind of score it is, and the class of each slot.</summary>
internal static class ScoreAnnotations
{
    public static SchemaShape Promise(DataViewType? labelType)
    {
        var kinds = SchemaDoors.ScoreColumnAnnotations().ToList();
        if (labelType is not null)
        {
            kinds.Add(SchemaDoors.Column(AnnotationNames.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, isKey: false));
            kinds.Add(SchemaDoors.Column(AnnotationNames.TrainingLabelValues, SchemaShape.Column.VectorKind.Vector, labelType, isKey: false));
        }
        return new SchemaShape(kinds);
    }

    public static DataViewSchema.Annotations Make(LabelValues? labels)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        AddKind(annotations, AnnotationNames.MulticlassClassification, AnnotationNames.Score);
        if (labels is not null)
        {
            labels.AddNamesTo(annotations, AnnotationNames.SlotNames);
            labels.AddTo(annotations, AnnotationNames.TrainingLabelValues);
        }
        return annotations.ToAnnotations();
    }

    /// <summary>The annotations of a column without names.</summary>
    public static DataViewSchema.Annotations Plain(string columnKind, string valueKind)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        AddKind(annotations, columnKind, valueKind);
        return annotations.ToAnnotations();
    }

    /// <summary>The annotations of a vector whose slots have names.</summary>
    public static DataViewSchema.Annotations Named(string columnKind, string valueKind, IReadOnlyList<string>? slotNames)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        AddKind(annotations, columnKind, valueKind);
        if (slotNames is not null)
            LabelValues.AddNamesTo(annotations, AnnotationNames.SlotNames, slotNames);
        return annotations.ToAnnotations();
    }

    /// <summary>The three annotations that make a column part of one prediction.</summary>
    public static void AddKind(DataViewSchema.Annotations.Builder annotations, string columnKind, string valueKind)
    {
        annotations.Add(AnnotationNames.ScoreColumnSetId, SchemaDoors.ScoreColumnSetIdType, (ValueGetter<uint>)((ref uint value) => value = 1));
        annotations.Add(AnnotationNames.ScoreColumnKind, TextDataViewType.Instance,
            (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = columnKind.AsMemory()));
        annotations.Add(AnnotationNames.ScoreValueKind, TextDataViewType.Instance, (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = valueKind.AsMemory()));
    }
}

/// <summary>What stands beside PredictedLabel: the values behind the keys, so that MapKeyToValue works.</summary>
internal static class PredictedLabelAnnotations
{
    public static SchemaShape Promise(DataViewType? labelType)
    {
        var kinds = SchemaDoors.ScoreColumnAnnotations().ToList();
        if (labelType is not null)
            kinds.Add(SchemaDoors.Column(AnnotationNames.KeyValues, SchemaShape.Column.VectorKind.Vector, labelType, isKey: false));
        return new SchemaShape(kinds);
    }

    public static DataViewSchema.Annotations Make(LabelValues? labels)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        ScoreAnnotations.AddKind(annotations, AnnotationNames.MulticlassClassification, AnnotationNames.PredictedLabel);
        labels?.AddTo(annotations, AnnotationNames.KeyValues);
        return annotations.ToAnnotations();
    }
}
