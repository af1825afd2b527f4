using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>A picture for a sheet, with what is to be said of it.</summary>
/// <param name="Pixels">Rows of pixels from the top; one byte each for grey, three (red, green, blue) for colour.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Width">Pixels in a row, at least 1.</param>
/// <param name="Caption">What stands below, a line for each line of the text; null for nothing.</param>
/// <param name="Right">Whether what the caption says is right, shown by a sign and a frame; null where that is no question.</param>
public sealed record SheetPicture(ReadOnlyMemory<byte> Pixels, int Height, int Width, string? Caption = null, bool? Right = null)
{
    /// <summary>Takes one of ML.NET's pictures, in colour.</summary>
    /// <param name="image">The picture; it stays the caller's.</param>
    /// <param name="caption">What stands below.</param>
    /// <param name="right">Whether what the caption says is right.</param>
    /// <returns>The picture for a sheet.</returns>
    public static SheetPicture From(MLImage image, string? caption = null, bool? right = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        var source = ImageDoors.PixelsOf(image);
        var (first, last) = image.PixelFormat == MLPixelFormat.Bgra32 ? (2, 0) : (0, 2);
        var pixels = new byte[3 * image.Width * image.Height];
        for (var i = 0; i < pixels.Length / 3; i++)
            (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = (source[4 * i + first], source[4 * i + 1], source[4 * i + last]);
        return new SheetPicture(pixels, image.Height, image.Width, caption, right);
    }
}
