using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Which pixel of the old picture stands at each place of the new one, row by row and column by column, for each example of a batch: crops, borders and flips,
/// several of them as one. Applied by one gather.
/// </summary>
internal sealed class Placement
{
    /// <summary>Stands where the old picture has no pixel.</summary>
    public const int Outside = -1;

    private readonly int[] rows;            // [N × height]
    private readonly int[] columns;         // [N × width]

    private Placement(int[] rows, int[] columns, int height, int width, double fill, bool hasOutside) =>
        (this.rows, this.columns, Height, Width, Fill, HasOutside) = (rows, columns, height, width, fill, hasOutside);

    public int Height { get; }

    public int Width { get; }

    /// <summary>Gets what stands where the old picture has no pixel.</summary>
    public double Fill { get; }

    public bool HasOutside { get; }

    /// <param name="count">N.</param>
    /// <param name="height">The rows of the new pictures.</param>
    /// <param name="width">The columns of the new pictures.</param>
    /// <param name="rowOf">Gives the old row, or <see cref="Outside"/>, for an example and a new row.</param>
    /// <param name="columnOf">The same for columns.</param>
    /// <param name="fill">What stands where the old picture has no pixel.</param>
    public static Placement Of(int count, int height, int width, Func<int, int, int> rowOf, Func<int, int, int> columnOf, double fill = 0)
    {
        var (rows, columns) = (new int[count * height], new int[count * width]);
        for (var n = 0; n < count; n++)
        {
            for (var i = 0; i < height; i++)
                rows[n * height + i] = rowOf(n, i);
            for (var j = 0; j < width; j++)
                columns[n * width + j] = columnOf(n, j);
        }
        return new Placement(rows, columns, height, width, fill, rows.AsSpan().Contains(Outside) || columns.AsSpan().Contains(Outside));
    }

    /// <summary>This placement and another one after it, as one; null where they fill with different colours.</summary>
    public Placement? Then(Placement next)
    {
        if (HasOutside && next.HasOutside && Fill != next.Fill)
            return null;
        return new Placement(Compose(rows, Height, next.rows, next.Height), Compose(columns, Width, next.columns, next.Width), next.Height, next.Width,
            HasOutside ? Fill : next.Fill, HasOutside || next.HasOutside);
    }

    /// <summary>Moves the pixels: [N, C, H, W] → [N, C, height, width], of any element type.</summary>
    public Tensor Apply(Tensor pictures)
    {
        var (n, c, h, w) = (pictures.shape[0], pictures.shape[1], pictures.shape[2], pictures.shape[3]);
        var device = pictures.device;
        using var scope = NewDisposeScope();
        var row = Index(rows, w, [n, Height, 1], device);
        var column = Index(columns, 1, [n, 1, Width], device);
        var index = (row + column).reshape(n, 1, Height * Width).expand(n, c, -1);          // [N, C, height × width]
        var placed = pictures.reshape(n, c, h * w).gather(2, index).reshape(n, c, Height, Width);
        if (HasOutside)
        {
            var outside = Flags(rows, [n, 1, Height, 1], device).logical_or(Flags(columns, [n, 1, 1, Width], device));  // [N, 1, height, width]
            placed.masked_fill_(outside, Fill);
        }
        return placed.MoveToOuterDisposeScope();
    }

    private static int[] Compose(int[] first, int firstLength, int[] second, int secondLength)
    {
        var composed = new int[second.Length];
        for (var i = 0; i < second.Length; i++)
            composed[i] = second[i] == Outside ? Outside : first[i / secondLength * firstLength + second[i]];
        return composed;
    }

    private static Tensor Index(int[] places, long stride, long[] shape, Device device)
    {
        var index = new long[places.Length];
        for (var i = 0; i < index.Length; i++)
            index[i] = Math.Max(places[i], 0) * stride;
        return tensor(index, shape, device: device);
    }

    private static Tensor Flags(int[] places, long[] shape, Device device) => tensor(Array.ConvertAll(places, place => place == Outside), shape, device: device);
}
