using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>ML.NET's NormalizeLpNorm and NormalizeGlobalContrast: each row by a measure of itself.</summary>
internal static class RowNormForm
{
    // ML.NET leaves a row as it is that would become smaller than this
    private const float MinScale = 1e-8f;

    public static StepForm? Of(StepOutput step)
    {
        var source = step.Source;
        var norm = StepDoors.NormOf((LpNormNormalizingTransformer)step.Transformer, step.Number);
        return source.Type is not VectorDataViewType { IsKnownSize: true } ? null : new StepForm($"Normalize {step.Output.Name} by its {norm.Measure}", source, (graph, x) =>
        {
            var mean = norm.IsCentred || norm.Measure == "StandardDeviation" ? x.Mean(1, keepDim: true) : null;
            var centred = mean is null ? x : x - mean;
            if (norm.IsCentred)
                x = centred;
            var measure = norm.Measure switch
            {
                "L1" => graph.Node("Abs", [centred]).Sum(1, keepDim: true),
                "Infinity" => graph.Node("Abs", [centred]).Amax(1, keepDim: true),
                "StandardDeviation" => graph.Node("Sqrt", [(centred * centred).Mean(1, keepDim: true)]),
                _ => graph.Node("Sqrt", [(centred * centred).Sum(1, keepDim: true)]),
            };
            var (zero, whole) = (graph.Constant(0f), graph.Constant(norm.Scale));
            var scale = graph.Node("Where", [graph.Node("Greater", [measure, zero]), whole / measure, whole]);
            return x * graph.Node("Where", [graph.Node("Less", [scale, graph.Constant(MinScale)]), graph.Constant(1f), scale]);
        });
    }
}
