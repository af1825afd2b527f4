using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Columns that are put together, or change nothing but their name.</summary>
internal static class ColumnForms
{
    public static StepForm? Concatenate(StepOutput step)
    {
        var sources = StepDoors.SourcesOf((ColumnConcatenatingTransformer)step.Transformer, step.Output.Name).Select(name => step.Input[name]).ToList();
        return sources.All(source => source.Type is not VectorDataViewType { IsKnownSize: false } && OnnxTypes.Of(OnnxTypes.ItemOf(source.Type)) is not null)
            ? new StepForm($"Concatenate {step.Output.Name}", sources, (_, columns) => new ColumnValue(GraphValue.Cat([.. columns.Select(column => column.Values)], 1))) : null;
    }

    public static StepForm Copy(StepOutput step) => new($"Copy {step.Output.Name}", step.Source, static (_, x) => x);
}
