using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Tone curves of a batch of pictures [N, C, H, W] in [0, 1]: torchvision's autocontrast, equalize, posterize, solarize and invert. What torchvision does
/// with bytes is done with the nearest of the 256 steps.
/// </summary>
internal static class PictureTones
{
    private const int Steps = 256;

    public static Tensor Invert(Tensor pictures) => 1 - pictures;

    /// <summary>Inverts what is not below the threshold.</summary>
    /// <param name="pictures">[N, C, H, W].</param>
    /// <param name="threshold">[N, 1, 1, 1].</param>
    public static Tensor Solarize(Tensor pictures, Tensor threshold)
    {
        using var scope = NewDisposeScope();
        return where(pictures.ge(threshold), 1 - pictures, pictures).MoveToOuterDisposeScope();
    }

    /// <summary>Keeps the highest bits of each byte.</summary>
    /// <param name="pictures">[N, C, H, W].</param>
    /// <param name="bits">How many for each example, from 0 to 8.</param>
    public static Tensor Posterize(Tensor pictures, ReadOnlySpan<double> bits)
    {
        using var scope = NewDisposeScope();
        var sizes = new double[bits.Length];
        for (var i = 0; i < sizes.Length; i++)
            sizes[i] = Math.Pow(2, 8 - bits[i]);
        var step = PictureRows.PerExample(sizes, pictures.device);
        return (pictures * 255).round_().div_(step).floor_().mul_(step / 255).MoveToOuterDisposeScope();
    }

    /// <summary>Stretches each channel of each example to the whole range; one of a single tone stays.</summary>
    public static Tensor AutoContrast(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        var lowest = pictures.amin([2, 3], keepdim: true);                                  // [N, C, 1, 1]
        var range = pictures.amax([2, 3], keepdim: true) - lowest;
        var flat = range.eq(0);
        return (pictures - lowest.masked_fill(flat, 0)).div_(range.masked_fill(flat, 1)).clamp_(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Spreads the tones of each channel of each example evenly.</summary>
    public static Tensor Equalize(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        var planes = pictures.shape[0] * pictures.shape[1];
        var bytes = (pictures * 255).round_().to(ScalarType.Int64).reshape(planes, -1);     // [N × C, H × W]
        var histogram = zeros(planes, Steps, dtype: ScalarType.Int64, device: pictures.device).scatter_add_(1, bytes, ones_like(bytes));
        // Pillow's rule: the pixels below the brightest tone fill 255 steps
        var brightest = bytes.amax([1], keepdim: true);
        var step = (histogram.sum(1, keepdim: true) - histogram.gather(1, brightest)).floor_divide(255);                     // [N × C, 1]
        var few = step.eq(0);
        step = step.masked_fill(few, 1);
        var below = histogram.cumsum(1) - histogram;
        var curve = below.add(step.floor_divide(2)).floor_divide(step).clamp_(0, Steps - 1);                                 // [N × C, 256]
        curve = where(few, arange(Steps, dtype: ScalarType.Int64, device: pictures.device), curve).to(ScalarType.Float32).div_(255);
        return curve.gather(1, bytes).reshape(pictures.shape).MoveToOuterDisposeScope();
    }
}
