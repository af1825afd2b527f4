using System.Runtime.Intrinsics;

namespace MLNet.DeepExtensions;

/// <summary>Pixels of four bytes become planes of one byte, [channels, height, width], as networks take them.</summary>
internal static class ImagePlanes
{
    /// <summary>Splits pixels into planes of red, green and blue. Transparency is left out: what is transparent is black, as ML.NET's pictures hold it.</summary>
    /// <param name="pixels">[pixels, 4] bytes.</param>
    /// <param name="blueFirst">Whether a pixel is blue, green, red, alpha; else it is red, green, blue, alpha.</param>
    /// <param name="planes">Takes [3, pixels] bytes.</param>
    public static void Split(ReadOnlySpan<byte> pixels, bool blueFirst, Span<byte> planes)
    {
        var count = pixels.Length / 4;
        var first = planes.Slice(blueFirst ? 2 * count : 0, count);
        var green = planes.Slice(count, count);
        var last = planes.Slice(blueFirst ? 0 : 2 * count, count);
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            // within each four pixels, the bytes of one channel come together; then the channels of four such groups
            var together = Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
            for (; i <= count - 16; i += 16)
            {
                var a = Vector128.Shuffle(Vector128.Create(pixels.Slice(4 * i, 16)), together).AsUInt32();
                var b = Vector128.Shuffle(Vector128.Create(pixels.Slice(4 * i + 16, 16)), together).AsUInt32();
                var c = Vector128.Shuffle(Vector128.Create(pixels.Slice(4 * i + 32, 16)), together).AsUInt32();
                var d = Vector128.Shuffle(Vector128.Create(pixels.Slice(4 * i + 48, 16)), together).AsUInt32();
                Vector128.Create(a[0], b[0], c[0], d[0]).AsByte().CopyTo(first[i..]);
                Vector128.Create(a[1], b[1], c[1], d[1]).AsByte().CopyTo(green[i..]);
                Vector128.Create(a[2], b[2], c[2], d[2]).AsByte().CopyTo(last[i..]);
            }
        }
        for (; i < count; i++)
            (first[i], green[i], last[i]) = (pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2]);
    }

    /// <summary>Makes one plane of brightness: 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601), rounded, as PIL's mode L.</summary>
    /// <param name="pixels">[pixels, 4] bytes.</param>
    /// <param name="blueFirst">Whether a pixel is blue, green, red, alpha; else it is red, green, blue, alpha.</param>
    /// <param name="plane">Takes [pixels] bytes.</param>
    public static void Grey(ReadOnlySpan<byte> pixels, bool blueFirst, Span<byte> plane)
    {
        // the weights in 65,536ths sum to 65,536: grey stays exactly what it was
        var (first, last) = blueFirst ? (7471, 19595) : (19595, 7471);
        for (var i = 0; i < plane.Length; i++)
            plane[i] = (byte)((pixels[4 * i] * first + pixels[4 * i + 1] * 38470 + pixels[4 * i + 2] * last + 0x8000) >> 16);
    }
}
