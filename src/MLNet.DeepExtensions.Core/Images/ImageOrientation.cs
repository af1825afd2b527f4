using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>The eight ways in which a camera may have held the sensor (EXIF 2.3, tag Orientation).</summary>
internal static class ImageOrientation
{
    public static bool SwapsSides(SKEncodedOrigin origin) => origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;

    /// <summary>Turns a picture so that its top is up; it is disposed if another takes its place.</summary>
    public static SKBitmap TurnUpright(SKBitmap bitmap, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default)
            return bitmap;
        using (bitmap)
        {
            var (width, height) = SwapsSides(origin) ? (bitmap.Height, bitmap.Width) : (bitmap.Width, bitmap.Height);
            var turned = new SKBitmap(new SKImageInfo(width, height, bitmap.ColorType, bitmap.AlphaType));
            Copy(bitmap, turned, origin);
            return turned;
        }
    }

    // the name of an origin says where the stored picture's first row and first column belong
    private static unsafe void Copy(SKBitmap from, SKBitmap to, SKEncodedOrigin origin)
    {
        var (right, bottom) = (from.Width - 1, from.Height - 1);
        for (var y = 0; y < to.Height; y++)
        {
            var target = (uint*)to.GetAddress(0, y);
            for (var x = 0; x < to.Width; x++)
            {
                var (column, row) = origin switch
                {
                    SKEncodedOrigin.TopRight => (right - x, y),
                    SKEncodedOrigin.BottomRight => (right - x, bottom - y),
                    SKEncodedOrigin.BottomLeft => (x, bottom - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, bottom - x),
                    SKEncodedOrigin.RightBottom => (right - y, bottom - x),
                    _ => (right - y, x),
                };
                target[x] = *(uint*)from.GetAddress(column, row);
            }
        }
    }
}
