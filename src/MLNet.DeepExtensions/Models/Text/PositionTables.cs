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
        var angles = Angles(steps, (width + 1) / 2, width, device);
        return stack([angles.sin(), angles.cos()], 2).flatten(1).narrow(1, 0, width).MoveToOuterDisposeScope();
    }

    /// <summary>Turns each pair of numbers by the angle of its place; the pairs are the halves of a head, number by number.</summary>
    /// <param name="heads">Queries or keys, [N, heads, steps, width of a head].</param>
    /// <returns>The same shape.</returns>
    public static Tensor Rotate(Tensor heads)
    {
        using var scope = NewDisposeScope();
        var width = heads.shape[3];
        var angles = Angles(heads.shape[2], width / 2, width, heads.device);                                // [steps, width / 2]
        var (cos, sin) = (angles.cos().to(heads.dtype), angles.sin().to(heads.dtype));
        var (a, b) = (heads.narrow(3, 0, width / 2), heads.narrow(3, width / 2, width / 2));
        return cat([a * cos - b * sin, a * sin + b * cos], 3).MoveToOuterDisposeScope();
    }

    // place / 10000^(2 i / width)
    private static Tensor Angles(long steps, long frequencies, long width, Device device)
    {
        var speeds = exp(arange(frequencies, dtype: ScalarType.Float32, device: device) * (-2 * Math.Log(Base) / width));
        return arange(steps, dtype: ScalarType.Float32, device: device).unsqueeze(1) * speeds;              // [steps, frequencies]
    }
}
