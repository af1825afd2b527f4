using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Rotary positions (Su et al. 2021, "RoFormer", equation 34): the i-th pair of a query's or key's numbers, which stand half the width apart, is turned by position · 10000^(-2i / width).
/// What a query sees of a key then depends on how far they are apart.
/// </summary>
internal sealed class RotaryPositions
{
    private readonly Tensor cosine, sine;

    /// <param name="positions">[N or 1, steps].</param>
    /// <param name="width">The numbers of a head; even.</param>
    public RotaryPositions(Tensor positions, int width)
    {
        var speeds = (arange(0, width, 2, ScalarType.Float32, positions.device) * (-Math.Log(10_000) / width)).exp();       // [width / 2]
        var angles = (positions.to(ScalarType.Float32).unsqueeze(-1) * speeds).unsqueeze(1);                                // [N or 1, 1, steps, width / 2]
        (cosine, sine) = (angles.cos(), angles.sin());
    }

    /// <param name="heads">[N, heads, steps, width].</param>
    public Tensor Turn(Tensor heads)
    {
        using var scope = NewDisposeScope();
        var (cos, sin, halves) = (cosine.to(heads.dtype), sine.to(heads.dtype), heads.chunk(2, 3));
        return cat([halves[0] * cos - halves[1] * sin, halves[0] * sin + halves[1] * cos], 3).MoveToOuterDisposeScope();
    }
}
