using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>What ML.NET does with numbers that are none.</summary>
internal static class MissingValueForms
{
    public static StepForm? Replace(StepOutput step)
    {
        var source = step.Source;
        var item = OnnxTypes.ItemOf(source.Type);
        if (!OnnxTypes.IsReal(item))
            return null;
        double[] replacement = StepDoors.ReplacementOf((MissingValueReplacingTransformer)step.Transformer, step.Number) switch
        {
            float value => [value],
            double value => [value],
            float[] values => [.. values.Select(value => (double)value)],
            double[] values => values,
            var other => throw new NotSupportedException($"ReplaceMissingValues of column '{step.Output.Name}' keeps {other.GetType().Name} where numbers were expected."),
        };
        return new($"Replace missing values of {step.Output.Name}", source, (graph, x) =>
            graph.Node("Where", [graph.Node("IsNaN", [x]), graph.Reals($"{step.Output.Name}.replacement", item, replacement, replacement.Length), x]));
    }

    public static StepForm? Indicate(StepOutput step)
    {
        var source = step.Source;
        return OnnxTypes.IsReal(OnnxTypes.ItemOf(source.Type)) ? new($"Indicate missing values of {source.Name}", source, (graph, x) => graph.Node("IsNaN", [x])) : null;
    }
}
