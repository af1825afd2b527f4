using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A rectangle in each picture of a batch [N, C, H, W].</summary>
internal static class PictureBoxes
{
    /// <summary>Paints each example's rectangle, where it has an area.</summary>
    public static Tensor Paint(Tensor pictures, IReadOnlyList<PixelBox> boxes, double value)
    {
        using var scope = NewDisposeScope();
        return pictures.masked_fill(Mask(boxes, pictures.shape[2], pictures.shape[3], pictures.device), value).MoveToOuterDisposeScope();
    }

    /// <summary>The same rectangle of all pictures comes from others, which have the same number and size.</summary>
    public static Tensor Paste(Tensor pictures, Tensor others, PixelBox box)
    {
        using var scope = NewDisposeScope();
        var pasted = pictures.clone();
        if (box.Height > 0 && box.Width > 0)
            Cut(pasted).copy_(Cut(others));
        return pasted.MoveToOuterDisposeScope();

        Tensor Cut(Tensor batch) => batch.narrow(2, box.Top, box.Height).narrow(3, box.Left, box.Width);
    }

    // [N, 1, H, W], true within
    private static Tensor Mask(IReadOnlyList<PixelBox> boxes, long height, long width, Device device)
    {
        var ends = tensor([.. boxes.SelectMany(box => (float[])[box.Top, box.Top + box.Height, box.Left, box.Left + box.Width])], [boxes.Count, 4, 1, 1], device: device);
        var row = arange(height, dtype: ScalarType.Float32, device: device).reshape(1, height, 1);
        var column = arange(width, dtype: ScalarType.Float32, device: device).reshape(1, 1, width);
        var rows = row.ge(ends.select(1, 0)).logical_and_(row.lt(ends.select(1, 1)));           // [N, H, 1]
        var columns = column.ge(ends.select(1, 2)).logical_and_(column.lt(ends.select(1, 3)));  // [N, 1, W]
        return rows.logical_and(columns).unsqueeze(1);
    }
}
