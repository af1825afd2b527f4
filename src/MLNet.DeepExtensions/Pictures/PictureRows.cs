using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>What the operations on batches of pictures [N, C, H, W] share: a number for each example, and work on some of the examples.</summary>
internal static class PictureRows
{
    /// <summary>A number for each example, [N, 1, 1, 1], which broadcasts against pictures.</summary>
    public static Tensor PerExample(ReadOnlySpan<double> values, Device device)
    {
        var numbers = new float[values.Length];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = (float)values[i];
        return tensor(numbers, [numbers.Length, 1, 1, 1], device: device);
    }

    /// <summary>Changes some of the examples and leaves the others as they are; the pictures must keep their size.</summary>
    /// <param name="pictures">[N, C, H, W].</param>
    /// <param name="rows">The numbers of the examples, rising.</param>
    /// <param name="change">Gets the chosen examples alone, [rows, C, H, W].</param>
    public static Tensor Some(Tensor pictures, IReadOnlyList<int> rows, Func<Tensor, Tensor> change)
    {
        if (rows.Count == 0)
            return pictures;
        if (rows.Count == pictures.shape[0])
            return change(pictures);
        var index = tensor([.. rows.Select(row => (long)row)], device: pictures.device);
        return pictures.index_copy(0, index, change(pictures.index_select(0, index)));
    }
}
