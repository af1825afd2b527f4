using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Rotation, affine and perspective maps of a batch of pictures, each example by its own, in torchvision's conventions (transforms/functional.py, _functional_tensor.py):
/// a map gives the place in the old picture for a place in the new one, and pixels' centres lie at halves.
/// </summary>
internal static class PictureGeometry
{
    /// <summary>The map that undoes: rotate, scale and shear about a centre, then translate. Torchvision's <c>_get_inverse_affine_matrix</c>.</summary>
    /// <param name="angle">Degrees, clockwise.</param>
    /// <param name="translateX">Pixels to the right.</param>
    /// <param name="translateY">Pixels down.</param>
    /// <param name="scale">Above 1 enlarges.</param>
    /// <param name="shearX">Degrees.</param>
    /// <param name="shearY">Degrees.</param>
    /// <param name="centreX">From the middle of the picture, in pixels.</param>
    /// <param name="centreY">From the middle of the picture, in pixels.</param>
    public static AffineMap Affine(double angle, double translateX, double translateY, double scale, double shearX, double shearY, double centreX = 0, double centreY = 0)
    {
        var (rotation, sx, sy) = (double.DegreesToRadians(angle), double.DegreesToRadians(shearX), double.DegreesToRadians(shearY));
        var a = Math.Cos(rotation - sy) / Math.Cos(sy);
        var b = -Math.Cos(rotation - sy) * Math.Tan(sx) / Math.Cos(sy) - Math.Sin(rotation);
        var c = Math.Sin(rotation - sy) / Math.Cos(sy);
        var d = -Math.Sin(rotation - sy) * Math.Tan(sx) / Math.Cos(sy) + Math.Cos(rotation);
        var (xx, xy, yx, yy) = (d / scale, -b / scale, -c / scale, a / scale);
        return new AffineMap(xx, xy, xx * (-centreX - translateX) + xy * (-centreY - translateY) + centreX,
            yx, yy, yx * (-centreX - translateX) + yy * (-centreY - translateY) + centreY);
    }

    /// <summary>The map of a rotation about the middle. Torchvision's <c>rotate</c>.</summary>
    /// <param name="angle">Degrees, counter-clockwise.</param>
    public static AffineMap Rotation(double angle) => Affine(-angle, 0, 0, 1, 0, 0);

    /// <summary>Applies an affine map to each example.</summary>
    /// <param name="pictures">[N, C, H, W].</param>
    /// <param name="maps">N maps; their coordinates are pixels from the middle of the picture.</param>
    /// <param name="bilinear">Whether to interpolate; else the nearest pixel is taken.</param>
    /// <param name="fill">What stands where the old picture has no pixel.</param>
    public static Tensor Warp(Tensor pictures, ReadOnlySpan<AffineMap> maps, bool bilinear, double fill = 0)
    {
        using var scope = NewDisposeScope();
        var (n, h, w) = (pictures.shape[0], pictures.shape[2], pictures.shape[3]);
        var device = pictures.device;
        var coefficients = new float[maps.Length * 6];
        for (var i = 0; i < maps.Length; i++)
            // to the sampler's coordinates, where the picture reaches from -1 to 1
            maps[i].CopyTo(coefficients.AsSpan(i * 6, 6), 2.0 / w, 2.0 / h);
        var theta = tensor(coefficients, [n, 6, 1, 1], device: device);
        var x = arange(w, dtype: ScalarType.Float32, device: device).add_((1 - w) * 0.5).reshape(1, 1, w);
        var y = arange(h, dtype: ScalarType.Float32, device: device).add_((1 - h) * 0.5).reshape(1, h, 1);
        var grid = empty(n, h, w, 2, dtype: ScalarType.Float32, device: device);
        for (var axis = 0; axis < 2; axis++)
        {
            // the products are small planes; the sum is the one pass over the grid
            var ofX = theta.select(1, axis * 3) * x + theta.select(1, axis * 3 + 2);        // [N, 1, W]
            var ofY = theta.select(1, axis * 3 + 1) * y;                                    // [N, H, 1]
            grid.select(3, axis).copy_(ofX + ofY);
        }
        return Sample(pictures, grid, bilinear, fill).MoveToOuterDisposeScope();
    }

    /// <summary>The map that takes four points of the new picture to four points of the old one: torchvision's <c>_get_perspective_coeffs</c>.</summary>
    /// <param name="from">Four corners (x, y) in the old picture.</param>
    /// <param name="to">Where they go.</param>
    /// <returns>(a x + b y + c) / (g x + h y + 1), (d x + e y + f) / (g x + h y + 1), as [a … h].</returns>
    public static double[] PerspectiveBetween(ReadOnlySpan<(double X, double Y)> from, ReadOnlySpan<(double X, double Y)> to)
    {
        var equations = new double[8, 9];
        for (var i = 0; i < 4; i++)
        {
            var ((x, y), (u, v)) = (to[i], from[i]);
            double[] first = [x, y, 1, 0, 0, 0, -u * x, -u * y, u], second = [0, 0, 0, x, y, 1, -v * x, -v * y, v];
            for (var k = 0; k < 9; k++)
                (equations[2 * i, k], equations[2 * i + 1, k]) = (first[k], second[k]);
        }
        return Solve(equations);
    }

    /// <summary>Applies a perspective map to each example.</summary>
    /// <param name="pictures">[N, C, H, W].</param>
    /// <param name="maps">Eight numbers for each example, as <see cref="PerspectiveBetween"/> gives them.</param>
    /// <param name="bilinear">Whether to interpolate; else the nearest pixel is taken.</param>
    /// <param name="fill">What stands where the old picture has no pixel.</param>
    public static Tensor Perspective(Tensor pictures, IReadOnlyList<double[]> maps, bool bilinear, double fill = 0)
    {
        using var scope = NewDisposeScope();
        var (n, h, w) = (pictures.shape[0], pictures.shape[2], pictures.shape[3]);
        var device = pictures.device;
        var m = tensor([.. maps.SelectMany(map => map).Select(value => (float)value)], [n, 8, 1, 1], device: device);
        var x = arange(w, dtype: ScalarType.Float32, device: device).add_(0.5).reshape(1, 1, w);
        var y = arange(h, dtype: ScalarType.Float32, device: device).add_(0.5).reshape(1, h, 1);
        var divisor = Plane(6, 7).add_(1);                                                  // [N, H, W]
        var grid = empty(n, h, w, 2, dtype: ScalarType.Float32, device: device);
        for (var axis = 0; axis < 2; axis++)
        {
            var plane = Plane(axis * 3, axis * 3 + 1).add_(m.select(1, axis * 3 + 2));
            grid.select(3, axis).copy_(plane.mul_(2.0 / (axis == 0 ? w : h)).div_(divisor).sub_(1));
        }
        return Sample(pictures, grid, bilinear, fill).MoveToOuterDisposeScope();

        Tensor Plane(int ofX, int ofY) => m.select(1, ofX) * x + m.select(1, ofY) * y;
    }

    private static Tensor Sample(Tensor pictures, Tensor grid, bool bilinear, double fill)
    {
        var mode = bilinear ? GridSampleMode.Bilinear : GridSampleMode.Nearest;
        if (fill == 0)
            return nn.functional.grid_sample(pictures, grid, mode, GridSamplePaddingMode.Zeros, align_corners: false);
        // torchvision's way to another colour: a plane of ones goes along and says how much of the old picture there is at each place
        var (n, c) = (pictures.shape[0], pictures.shape[1]);
        var ones = torch.ones(n, 1, pictures.shape[2], pictures.shape[3], dtype: pictures.dtype, device: pictures.device);
        var sampled = nn.functional.grid_sample(cat([pictures, ones], 1), grid, mode, GridSamplePaddingMode.Zeros, align_corners: false);
        var (moved, covered) = (sampled.narrow(1, 0, c), sampled.narrow(1, c, 1));
        return bilinear ? moved * covered + (1 - covered) * fill : moved.masked_fill(covered.lt(0.5), fill);
    }

    // Gauss with pivoting; eight equations
    private static double[] Solve(double[,] equations)
    {
        const int size = 8;
        for (var column = 0; column < size; column++)
        {
            var pivot = Enumerable.Range(column, size - column).MaxBy(row => Math.Abs(equations[row, column]));
            for (var k = 0; k <= size; k++)
                (equations[column, k], equations[pivot, k]) = (equations[pivot, k], equations[column, k]);
            for (var row = 0; row < size; row++)
                if (row != column && equations[row, column] / equations[column, column] is var factor and not 0)
                    for (var k = column; k <= size; k++)
                        equations[row, k] -= factor * equations[column, k];
        }
        return [.. Enumerable.Range(0, size).Select(row => equations[row, size] / equations[row, row])];
    }
}

/// <summary>x' = XX x + XY y + X0, y' = YX x + YY y + Y0: from a place in the new picture to one in the old.</summary>
internal readonly record struct AffineMap(double XX, double XY, double X0, double YX, double YY, double Y0)
{
    public static AffineMap Identity { get; } = new(1, 0, 0, 0, 1, 0);

    public void CopyTo(Span<float> place, double scaleX, double scaleY)
    {
        (place[0], place[1], place[2]) = ((float)(XX * scaleX), (float)(XY * scaleX), (float)(X0 * scaleX));
        (place[3], place[4], place[5]) = ((float)(YX * scaleY), (float)(YY * scaleY), (float)(Y0 * scaleY));
    }
}
