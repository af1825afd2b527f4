namespace WebApi;

/// <summary>A drawing of any size becomes a digit as MNIST has them (LeCun et al. 1998, section III A): shrunk into 20 × 20 pixels and put so that its centre of mass is the picture's centre.</summary>
internal static class Drawing
{
    private const int Side = 28, Inner = 20;

    // fainter than this is no ink
    private const float Faintest = 24;

    /// <param name="shades">In [0, 255], row by row; ink is light.</param>
    /// <param name="width">The pixels in a row.</param>
    /// <returns>28 × 28 shades; all 0 where nothing is drawn.</returns>
    public static byte[] ToDigit(float[] shades, int width)
    {
        var digit = new byte[Side * Side];
        var inked = Enumerable.Range(0, shades.Length).Where(i => shades[i] > Faintest).ToList();
        if (inked.Count == 0)
            return digit;
        var (left, right) = (inked.Min(i => i % width), inked.Max(i => i % width) + 1);
        var (top, bottom) = (inked[0] / width, inked[^1] / width + 1);
        var scale = Math.Max(right - left, bottom - top) / (double)Inner;
        var (columns, rows) = (Math.Max(1, (int)Math.Round((right - left) / scale)), Math.Max(1, (int)Math.Round((bottom - top) / scale)));

        var small = new double[rows, columns];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                small[row, column] = Mean(shades, width, left + column * (right - left) / (double)columns, left + (column + 1) * (right - left) / (double)columns,
                    top + row * (bottom - top) / (double)rows, top + (row + 1) * (bottom - top) / (double)rows);

        var (mass, x, y) = (0.0, 0.0, 0.0);
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                (mass, x, y) = (mass + small[row, column], x + small[row, column] * (column + 0.5), y + small[row, column] * (row + 0.5));
        var (across, down) = ((int)Math.Round(Side / 2.0 - x / mass), (int)Math.Round(Side / 2.0 - y / mass));
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                if (row + down is >= 0 and < Side && column + across is >= 0 and < Side)
                    digit[(row + down) * Side + column + across] = (byte)Math.Round(small[row, column]);
        return digit;
    }

    // of a rectangle whose sides may lie within pixels
    private static double Mean(float[] shades, int width, double left, double right, double top, double bottom)
    {
        var (sum, area) = (0.0, 0.0);
        for (var row = (int)top; row < bottom; row++)
            for (var column = (int)left; column < right; column++)
            {
                var part = (Math.Min(bottom, row + 1) - Math.Max(top, row)) * (Math.Min(right, column + 1) - Math.Max(left, column));
                (sum, area) = (sum + part * shades[row * width + column], area + part);
            }
        return area > 0 ? sum / area : 0;
    }
}
