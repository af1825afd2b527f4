using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.DeepExtensions.Interop;

/// <summary>
/// The pixels of ML.NET's pictures. <see cref="MLImage.Pixels"/> throws where SkiaSharp 3 is loaded: Microsoft.ML.ImageAnalytics 5.0.1 was compiled against 2.88, whose
/// method of that name gave another type, and plotting needs 3. The bitmap itself is the same in both.
/// </summary>
internal static class ImageDoors
{
    /// <summary>Four bytes for each pixel, row by row, in the order that <see cref="MLImage.PixelFormat"/> says. Valid while the picture is.</summary>
    public static unsafe ReadOnlySpan<byte> PixelsOf(MLImage image)
    {
        var bitmap = Bitmap(image);
        return new ReadOnlySpan<byte>((void*)bitmap.GetPixels(), bitmap.ByteCount);
    }

    /// <summary>A picture around a bitmap, which it takes over.</summary>
    public static MLImage Wrap(SKBitmap bitmap)
    {
        try
        {
            return New(bitmap);
        }
        catch
        {
            bitmap.Dispose();
            throw;
        }
    }

    /// <summary>A picture's bitmap for a new owner.</summary>
    public static SKBitmap CopyOf(MLImage image) => Bitmap(image).Copy();

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern MLImage New(SKBitmap bitmap);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_image")]
    private static extern ref SKBitmap Bitmap(MLImage image);
}
