using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A rectangle of pixels.</summary>
internal readonly record struct PixelBox(int Top, int Left, int Height, int Width);

/// <summary>Cutting out and resizing, bilinear as torchvision and Pillow do it.</summary>
internal static class PictureResizing
{
    /// <summary>Resizes all pictures, [N, C, H, W] → [N, C, height, width]. Torchvision's <c>resize(…, antialias=True)</c>: shrinking averages all pixels that fall together.</summary>
    public static Tensor Resize(Tensor pictures, int height, int width, bool antialias = true) =>
        nn.functional.interpolate(pictures, [height, width], mode: InterpolationMode.Bilinear, align_corners: false, antialias: antialias);

    /// <summary>Cuts the middle out, or sets the pictures into the middle of a black one where they are smaller: torchvision's <c>center_crop</c>.</summary>
    public static Tensor CentreCrop(Tensor pictures, int height, int width)
    {
        var (h, w) = (pictures.shape[2], pictures.shape[3]);
        var (top, left) = (CentreOffset(h, height), CentreOffset(w, width));
        return top == 0 && left == 0 && height == h && width == w ? pictures
            : nn.functional.pad(pictures, [-left, width - w + left, -top, height - h + top]);
    }

    /// <summary>Where the middle begins on a side; below 0 where it is larger than the picture. As torchvision: borders are shared out with the larger half behind, cuts are rounded to even.</summary>
    public static long CentreOffset(long from, long to) => to > from ? -((to - from) / 2) : (long)Math.Round((from - to) / 2.0, MidpointRounding.ToEven);

    /// <summary>
    /// Cuts a box of its own out of each example and resizes it, [N, C, H, W] → [N, C, height, width]: torchvision's <c>resized_crop</c> for a batch.
    /// Each side is one product with a matrix of weights, made on the device.
    /// </summary>
    /// <param name="pictures">[N, C, H, W].</param>
    /// <param name="boxes">N boxes within the picture.</param>
    /// <param name="height">The new height.</param>
    /// <param name="width">The new width.</param>
    /// <param name="antialias">Whether shrinking averages all pixels that fall together.</param>
    public static Tensor ResizedCrop(Tensor pictures, IReadOnlyList<PixelBox> boxes, int height, int width, bool antialias = true)
    {
        using var scope = NewDisposeScope();
        var (n, c, h, w) = (pictures.shape[0], pictures.shape[1], pictures.shape[2], pictures.shape[3]);
        var across = Weights([.. boxes.Select(box => (box.Left, box.Width))], w, width, antialias, pictures.device);       // [N, width, W]
        var down = Weights([.. boxes.Select(box => (box.Top, box.Height))], h, height, antialias, pictures.device);        // [N, height, H]
        var narrowed = pictures.reshape(n, c * h, w).bmm(across.transpose(1, 2));                                           // [N, C × H, width]
        return down.unsqueeze(1).matmul(narrowed.reshape(n, c, h, width)).MoveToOuterDisposeScope();                        // [N, C, height, width]
    }

    // how much each old pixel counts in each new one: a triangle around its place, as wide as the new pixel where that covers several old ones
    private static Tensor Weights(IReadOnlyList<(int Start, int Length)> ranges, long from, int to, bool antialias, Device device)
    {
        var numbers = new float[ranges.Count * 4];
        for (var i = 0; i < ranges.Count; i++)
        {
            var scale = (double)ranges[i].Length / to;
            numbers[i * 4] = (float)scale;
            numbers[i * 4 + 1] = ranges[i].Start;
            numbers[i * 4 + 2] = ranges[i].Start + ranges[i].Length;
            numbers[i * 4 + 3] = (float)(antialias ? Math.Min(1, 1 / scale) : 1);
        }
        var all = tensor(numbers, [ranges.Count, 4, 1, 1], device: device);
        var (perPixel, start, end, steepness) = (all.select(1, 0), all.select(1, 1), all.select(1, 2), all.select(1, 3));   // [N, 1, 1]
        var centre = arange(to, dtype: ScalarType.Float32, device: device).add_(0.5).reshape(1, to, 1) * perPixel + start;   // [N, to, 1]
        var pixel = arange(from, dtype: ScalarType.Float32, device: device).add_(0.5).reshape(1, 1, from);
        var inside = pixel.gt(start).logical_and(pixel.lt(end));                                                            // [N, 1, from]
        var weights = (pixel - centre).abs_().mul_(steepness).neg_().add_(1).clamp_min_(0).mul_(inside);                    // [N, to, from]
        return weights.div_(weights.sum(2, keepdim: true));
    }
}
