using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using static Microsoft.ML.Transforms.NormalizingTransformer;

namespace MLNet.DeepExtensions;

/// <summary>ML.NET's normalizers: by minimum and maximum, mean and variance (of the logarithm, too), median and quartiles, and by bins, supervised or not.</summary>
internal static class NormalizingForm
{
    public static StepForm? Of(StepOutput step)
    {
        var source = step.Source;
        var item = OnnxTypes.ItemOf(source.Type);
        return ((NormalizingTransformer)step.Transformer).GetNormalizerModelParameters(step.Number) switch
        {
            AffineNormalizerModelParameters<float> affine => Affine([affine.Scale], [affine.Offset]),
            AffineNormalizerModelParameters<double> affine => Affine([affine.Scale], [affine.Offset]),
            AffineNormalizerModelParameters<ImmutableArray<float>> affine => Affine(Reals(affine.Scale), Reals(affine.Offset)),
            AffineNormalizerModelParameters<ImmutableArray<double>> affine => Affine(Reals(affine.Scale), Reals(affine.Offset)),
            CdfNormalizerModelParameters<float> cdf => Cdf([cdf.Mean], [cdf.StandardDeviation], cdf.UseLog),
            CdfNormalizerModelParameters<double> cdf => Cdf([cdf.Mean], [cdf.StandardDeviation], cdf.UseLog),
            CdfNormalizerModelParameters<ImmutableArray<float>> cdf => Cdf(Reals(cdf.Mean), Reals(cdf.StandardDeviation), cdf.UseLog),
            CdfNormalizerModelParameters<ImmutableArray<double>> cdf => Cdf(Reals(cdf.Mean), Reals(cdf.StandardDeviation), cdf.UseLog),
            BinNormalizerModelParameters<float> bins => Bins([Reals(bins.UpperBounds)], [bins.Density], [bins.Offset]),
            BinNormalizerModelParameters<double> bins => Bins([Reals(bins.UpperBounds)], [bins.Density], [bins.Offset]),
            BinNormalizerModelParameters<ImmutableArray<float>> bins => Bins([.. bins.UpperBounds.Select(Reals)], Reals(bins.Density), Reals(bins.Offset)),
            BinNormalizerModelParameters<ImmutableArray<double>> bins => Bins([.. bins.UpperBounds.Select(Reals)], Reals(bins.Density), Reals(bins.Offset)),
            _ => null,
        };

        StepForm Affine(double[] scale, double[] offset) => new($"Normalize {step.Output.Name} by offset and scale", source, (graph, x) =>
        {
            if (offset.Length > 0)
                x -= graph.Reals($"{step.Output.Name}.offset", item, offset, offset.Length);
            return x * graph.Reals($"{step.Output.Name}.scale", item, scale, scale.Length);
        });

        StepForm Cdf(double[] mean, double[] deviation, bool isLog) => new($"Normalize {step.Output.Name} by its distribution", source, (graph, x) => Distribution(graph, step.Output, item, x, mean, deviation, isLog));

        StepForm Bins(double[][] bounds, double[] density, double[] offset) => new($"Normalize {step.Output.Name} by bins", source, (graph, x) =>
        {
            // the last bin has no end; places behind a slot's own bounds are never passed
            var width = Math.Max(1, bounds.Max(slot => slot.Length - 1));
            double[] ends = [.. bounds.SelectMany(slot => slot.SkipLast(1).Concat(Enumerable.Repeat(double.PositiveInfinity, width - slot.Length + 1)))];
            var passed = graph.Node("Less", [graph.Reals($"{step.Output.Name}.bounds", item, ends, bounds.Length, width), x.Unsqueeze(-1)]);
            var place = graph.Cast(passed, OnnxTypes.Of(item)!.Value).Sum(-1) / graph.Reals($"{step.Output.Name}.bins", item, density, density.Length);
            if (offset.Length > 0)
                place -= graph.Reals($"{step.Output.Name}.offset", item, offset, offset.Length);
            return graph.Node("Where", [graph.Node("IsNaN", [x]), x, place]);
        });
    }

    // ML.NET's approximation of the normal distribution; what the difference of two numbers near 1 needs is double
    private static GraphValue Distribution(OnnxGraph graph, DataViewSchema.Column output, DataViewType item, GraphValue x, double[] mean, double[] deviation, bool isLog)
    {
        var type = OnnxTypes.Of(item)!.Value;
        if (isLog)
            x = graph.Cast(graph.Node("Log", [Precise(x)]), type);
        var z = (x - graph.Reals($"{output.Name}.mean", item, mean, mean.Length)) / graph.Reals($"{output.Name}.deviation", item, deviation, deviation.Length);
        var square = z * z / graph.Real(item, 2);
        var (half, part) = (Precise(square), Precise(square * graph.Real(item, 0.147)));
        var falling = graph.Node("Exp", [graph.Node("Neg", [half * (part + Number(4 / Math.PI)) / (part + Number(1))])]);
        var share = graph.Cast(graph.Node("Sqrt", [Number(1) - falling]) * Precise(graph.Node("Sign", [z])) * Number(0.5) + Number(0.5), type);
        // what is no number, or infinite, becomes 0
        var isFinite = graph.Node("LessOrEqual", [graph.Node("Abs", [x]), graph.Real(item, item == NumberDataViewType.Double ? double.MaxValue : float.MaxValue)]);
        if (deviation.Length > 1 && deviation.Any(value => value <= (item == NumberDataViewType.Double ? double.Epsilon : float.Epsilon)))
            isFinite = graph.Node("And", [isFinite, graph.Node("Greater", [graph.Reals($"{output.Name}.spread", item, deviation, deviation.Length), graph.Real(item, 0)])]);
        return graph.Node("Where", [isFinite, share, graph.Real(item, 0)]);

        GraphValue Precise(GraphValue values) => graph.Cast(values, OnnxTypes.Double);
        GraphValue Number(double value) => graph.Real(NumberDataViewType.Double, value);
    }

    private static double[] Reals(ImmutableArray<float> values) => values.IsDefault ? [] : [.. values.Select(value => (double)value)];

    private static double[] Reals(ImmutableArray<double> values) => values.IsDefault ? [] : [.. values];
}
