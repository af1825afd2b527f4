using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Colours of a batch of pictures [N, C, H, W] in [0, 1], each example by its own factor [N, 1, 1, 1]: torchvision's adjust_brightness, adjust_contrast,
/// adjust_saturation, adjust_hue and rgb_to_grayscale. Grey pictures have one channel; their saturation and hue stay as they are.
/// </summary>
internal static class PictureColours
{
    // ITU-R 601-2 luma, as torchvision rounds it
    private const double Red = 0.2989, Green = 0.587, Blue = 0.114;

    public static Tensor Brightness(Tensor pictures, Tensor factor) => (pictures * factor).clamp_(0, 1);

    /// <summary>Away from (above 1) or towards (below 1) the mean grey of the example.</summary>
    public static Tensor Contrast(Tensor pictures, Tensor factor)
    {
        using var scope = NewDisposeScope();
        var means = pictures.mean([2, 3], keepdim: true);                                   // [N, C, 1, 1]
        return Blend(pictures, IsColour(pictures) ? Grey(means) : means, factor).MoveToOuterDisposeScope();
    }

    /// <summary>Away from (above 1) or towards (below 1) each pixel's own grey.</summary>
    public static Tensor Saturation(Tensor pictures, Tensor factor)
    {
        if (!IsColour(pictures))
            return pictures;
        using var scope = NewDisposeScope();
        return Blend(pictures, Grey(pictures), factor).MoveToOuterDisposeScope();
    }

    /// <summary>The chosen examples without colour, in as many channels as before.</summary>
    public static Tensor Greyscale(Tensor pictures)
    {
        if (!IsColour(pictures))
            return pictures;
        using var grey = Grey(pictures);
        return grey.repeat(1, 3, 1, 1);
    }

    /// <summary>Turns the colour circle by a share of it.</summary>
    public static Tensor Hue(Tensor pictures, Tensor shift)
    {
        if (!IsColour(pictures))
            return pictures;
        using var scope = NewDisposeScope();
        var (r, g, b) = (pictures.narrow(1, 0, 1), pictures.narrow(1, 1, 1), pictures.narrow(1, 2, 1));     // [N, 1, H, W]
        var value = pictures.amax([1], keepdim: true);
        var chroma = value - pictures.amin([1], keepdim: true);
        // grey has no hue: whatever is divided by 1 instead of 0 is then multiplied by its chroma of 0
        var divisor = chroma.masked_fill(chroma.eq(0), 1);
        // the place on the circle in sixths; where two channels are highest, torchvision takes red before green before blue
        var hue = where(r.eq(value), (g - b).div_(divisor), where(g.eq(value), (b - r).div_(divisor).add_(2), (r - g).div_(divisor).add_(4)));
        hue.add_(shift * 6);
        hue.sub_((hue / 6).floor_().mul_(6));                                               // in [0, 6]
        // each channel is the value less chroma times how far the hue is from where the channel is highest: red at 0 and 6, green at 2, blue at 4
        var red = (hue - 3).abs_().neg_().add_(2).clamp_(0, 1);
        var green = (hue - 2).abs_().sub_(1).clamp_(0, 1);
        var blue = (hue - 4).abs_().sub_(1).clamp_(0, 1);
        return cat([Less(red), Less(green), Less(blue)], 1).MoveToOuterDisposeScope();

        Tensor Less(Tensor distance) => value.addcmul(distance, chroma, -1);
    }

    /// <summary>factor · pictures + (1 - factor) · other, kept in [0, 1].</summary>
    public static Tensor Blend(Tensor pictures, Tensor other, Tensor factor) => other.lerp(pictures, factor).clamp_(0, 1);

    private static bool IsColour(Tensor pictures) => pictures.shape[1] == 3;

    private static Tensor Grey(Tensor pictures) =>
        (pictures.narrow(1, 0, 1) * Red).add_(pictures.narrow(1, 1, 1), Green).add_(pictures.narrow(1, 2, 1), Blue);
}
