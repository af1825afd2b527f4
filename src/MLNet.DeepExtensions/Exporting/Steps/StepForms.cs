using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>A column in a graph.</summary>
/// <param name="Values">[rows, slots], keys in int64; [rows, height, width, 3] for pictures; padded where rows differ in length.</param>
/// <param name="Lengths">The slots of each row, [rows] in int64; null where all rows have as many.</param>
internal sealed record ColumnValue(GraphValue Values, GraphValue? Lengths = null);

/// <summary>How a column that a step makes is written as a graph.</summary>
/// <param name="What">What is done, in a few words; nodes are named after it.</param>
/// <param name="Sources">The columns that it is made of.</param>
/// <param name="Write">Adds the nodes.</param>
internal sealed record StepForm(string What, IReadOnlyList<DataViewSchema.Column> Sources, Func<OnnxGraph, IReadOnlyList<ColumnValue>, ColumnValue> Write)
{
    /// <summary>A step that does the same with each value, or at least leaves rows as long as they are.</summary>
    public StepForm(string what, DataViewSchema.Column source, Func<OnnxGraph, GraphValue, GraphValue> write)
        : this(what, [source], (graph, columns) => new ColumnValue(write(graph, columns[0].Values), columns[0].Lengths))
    {
    }
}

/// <summary>A column that a fitted step made.</summary>
/// <param name="Transformer">The step.</param>
/// <param name="Input">The columns that it was given.</param>
/// <param name="Output">The column.</param>
internal sealed record StepOutput(ITransformer Transformer, DataViewSchema Input, DataViewSchema.Column Output)
{
    /// <summary>Gets which of the step's columns it is, where each is made of one other.</summary>
    public int Number => StepDoors.PairOf((OneToOneTransformerBase)Transformer, Output.Name).Number;

    /// <summary>Gets the only column that it is made of.</summary>
    public DataViewSchema.Column Source => Input[StepDoors.PairOf((OneToOneTransformerBase)Transformer, Output.Name).Source];
}

/// <summary>The steps that have a form as a graph, by the type of transformer. A new one is a file and a line here.</summary>
internal static class StepForms
{
    private static readonly Dictionary<Type, Func<StepOutput, StepForm?>> forms = new()
    {
        [typeof(NormalizingTransformer)] = NormalizingForm.Of,
        [typeof(ColumnConcatenatingTransformer)] = ColumnForms.Concatenate,
        [typeof(LpNormNormalizingTransformer)] = RowNormForm.Of,
        [StepDoors.SlotsDropping] = ColumnForms.Select,
        [typeof(ColumnCopyingTransformer)] = ColumnForms.Copy,
        [typeof(MissingValueReplacingTransformer)] = MissingValueForms.Replace,
        [typeof(MissingValueIndicatorTransformer)] = MissingValueForms.Indicate,
        [typeof(ValueToKeyMappingTransformer)] = ValueToKeyForm.Of,
        [typeof(KeyToValueMappingTransformer)] = KeyForms.ToValue,
        [typeof(KeyToVectorMappingTransformer)] = KeyForms.ToVector,
        [typeof(KeyToBinaryVectorMappingTransformer)] = KeyForms.ToBits,
        [typeof(TypeConvertingTransformer)] = ConvertingForm.Of,
        [typeof(ImagePixelExtractingTransformer)] = PixelForm.Of,
    };

    /// <summary>How a step's column is written; null where the step, or the type of this column, has no form.</summary>
    public static StepForm? Of(StepOutput output) => forms.TryGetValue(output.Transformer.GetType(), out var form) ? form(output) : null;
}
