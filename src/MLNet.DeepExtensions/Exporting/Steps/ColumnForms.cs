using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Columns that are put together, lose slots, or change nothing but their name.</summary>
internal static class ColumnForms
{
    public static StepForm? Concatenate(StepOutput step)
    {
        var sources = StepDoors.SourcesOf((ColumnConcatenatingTransformer)step.Transformer, step.Output.Name).Select(name => step.Input[name]).ToList();
        return sources.All(source => source.Type is not VectorDataViewType { IsKnownSize: false } && OnnxTypes.Of(OnnxTypes.ItemOf(source.Type)) is not null)
            ? new StepForm($"Concatenate {step.Output.Name}", sources, (_, columns) => new ColumnValue(GraphValue.Cat([.. columns.Select(column => column.Values)], 1))) : null;
    }

    public static StepForm Copy(StepOutput step) => new($"Copy {step.Output.Name}", step.Source, static (_, x) => x);

    /// <summary>The slots that ML.NET's selection of features kept. Where it kept none, a slot of zeros stands for them, which has no form.</summary>
    public static StepForm? Select(StepOutput step)
    {
        var source = step.Source;
        if (source.Type is not VectorDataViewType { IsKnownSize: true } vector || StepDoors.KeptOf(step.Transformer, step.Number, vector.Size) is not { Length: > 0 } kept)
            return null;
        return new StepForm($"Select slots of {step.Output.Name}", source, (graph, x) => graph.Node("Gather", [x, graph.Constant(kept)], ("axis", 1L)));
    }
}
