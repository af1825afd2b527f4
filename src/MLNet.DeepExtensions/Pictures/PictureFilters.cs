using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Blurring and sharpening of a batch of pictures [N, C, H, W], each example by its own strength.</summary>
internal static class PictureFilters
{
    /// <summary>Gaussian blur, mirrored at the border: torchvision's <c>gaussian_blur</c>, as two passes along one side each.</summary>
    /// <param name="pictures">[N, C, H, W].</param>
    /// <param name="kernelHeight">Odd.</param>
    /// <param name="kernelWidth">Odd.</param>
    /// <param name="sigmas">Pixels, above 0, for each example.</param>
    public static Tensor GaussianBlur(Tensor pictures, int kernelHeight, int kernelWidth, ReadOnlySpan<double> sigmas)
    {
        using var scope = NewDisposeScope();
        var (n, c, h, w) = (pictures.shape[0], pictures.shape[1], pictures.shape[2], pictures.shape[3]);
        var sigma = PictureRows.PerExample(sigmas, pictures.device);
        var padded = nn.functional.pad(pictures, [kernelWidth / 2, kernelWidth / 2, kernelHeight / 2, kernelHeight / 2], PaddingModes.Reflect);
        // every channel of every example is a group of its own
        var planes = padded.reshape(1, n * c, h + kernelHeight / 2 * 2, w + kernelWidth / 2 * 2);
        var across = Kernel(sigma, kernelWidth).expand(n, c, 1, kernelWidth).reshape(n * c, 1, 1, kernelWidth);
        var down = Kernel(sigma, kernelHeight).expand(n, c, 1, kernelHeight).reshape(n * c, 1, kernelHeight, 1);
        var blurred = nn.functional.conv2d(nn.functional.conv2d(planes, across, groups: n * c), down, groups: n * c);
        return blurred.reshape(n, c, h, w).MoveToOuterDisposeScope();
    }

    /// <summary>Away from (above 1) or towards (below 1) a slightly blurred picture: torchvision's <c>adjust_sharpness</c>. The outermost pixels stay.</summary>
    /// <param name="pictures">[N, C, H, W].</param>
    /// <param name="factor">[N, 1, 1, 1].</param>
    public static Tensor Sharpness(Tensor pictures, Tensor factor)
    {
        var (c, h, w) = (pictures.shape[1], pictures.shape[2], pictures.shape[3]);
        if (h <= 2 || w <= 2)
            return pictures;
        using var scope = NewDisposeScope();
        var kernel = tensor([1f / 13, 1f / 13, 1f / 13, 1f / 13, 5f / 13, 1f / 13, 1f / 13, 1f / 13, 1f / 13], [1, 1, 3, 3], device: pictures.device).expand(c, 1, 3, 3);
        var smooth = pictures.clone();
        smooth.narrow(2, 1, h - 2).narrow(3, 1, w - 2).copy_(nn.functional.conv2d(pictures, kernel, groups: c));
        return PictureColours.Blend(pictures, smooth, factor).MoveToOuterDisposeScope();
    }

    // [N, 1, 1, size], each sums to 1
    private static Tensor Kernel(Tensor sigma, int size)
    {
        var distance = arange(size, dtype: ScalarType.Float32, device: sigma.device).sub_((size - 1) / 2);
        var bell = (distance / sigma).pow_(2).mul_(-0.5).exp_();
        return bell.div_(bell.sum(3, keepdim: true));
    }
}
