using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>What the place of a step is in numbers. Computed when needed: a table has as many rows as the longest text of a batch.</summary>
internal static class PositionTables
{
    private const double Base = 10_000;

    /// <summary>Sines in the even columns, cosines in the odd ones (Vaswani et al. 2017, section 3.5).</summary>
    /// <returns>[steps, width].</returns>
    public static Tensor Sinusoidal(long steps, long width, Device device)
    {
        using var scope = NewDisposeScope();
        var speeds = exp(arange((width + 1) / 2, dtype: ScalarType.Float32, device: device) * (-2 * Math.Log(Base) / width));
        var angles = arange(steps, dtype: ScalarType.Float32, device: device).unsqueeze(1) * speeds;        // [steps, width / 2]: place / 10000^(2 i / width)
        return stack([angles.sin(), angles.cos()], 2).flatten(1).narrow(1, 0, width).MoveToOuterDisposeScope();
    }

    /// <summary>The same in a graph, for as many steps as some values have.</summary>
    public static GraphValue Sinusoidal(OnnxGraph graph, GraphValue like, int width)
    {
        float[] speeds = [.. Enumerable.Range(0, (width + 1) / 2).Select(i => MathF.Exp(i * (float)(-2 * Math.Log(Base) / width)))];
        var angles = (GraphSight.Places(graph, like).ToFloat().Unsqueeze(1) * graph.Constant(speeds, speeds.Length)).Unsqueeze(2);
        return GraphValue.Cat([graph.Node("Sin", [angles]), graph.Node("Cos", [angles])], 2).Reshape(0, -1).Slice(1, 0, width);
    }
}
