using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>
/// Grey and colour pictures of the Netpbm family, as scientific sets have them: PGM (P2 in text, P5 in bytes) and PPM (P3, P6), with values up to 65,535, which are scaled to 255.
/// </summary>
internal static class NetpbmDecoder
{
    public static bool Knows(ReadOnlySpan<byte> file) => file.Length > 2 && file[0] == 'P' && file[1] is (byte)'2' or (byte)'3' or (byte)'5' or (byte)'6' && IsSpace(file[2]);

    /// <summary>Width and height, as the header states them.</summary>
    public static (int Width, int Height) SizeOf(ReadOnlySpan<byte> file, string name)
    {
        var reader = new Reader(file, name);
        return (reader.Number("width"), reader.Number("height"));
    }

    public static unsafe SKBitmap Decode(ReadOnlySpan<byte> file, string name, Action<int, int, string> checkSize)
    {
        var reader = new Reader(file, name);
        var isText = file[1] is (byte)'2' or (byte)'3';
        var channels = file[1] is (byte)'3' or (byte)'6' ? 3 : 1;
        var (width, height, most) = (reader.Number("width"), reader.Number("height"), reader.Number("largest value"));
        checkSize(width, height, name);
        if (most is < 1 or > ushort.MaxValue)
            throw new InvalidImageException(name, $"states {most} as its largest value; it must lie in [1, 65535].");
        if (!isText)
            reader.SkipOneSpace();
        var bytesEach = most > 255 ? 2 : 1;
        // a value in text takes two bytes at least: its digit and a space
        var least = (long)width * height * channels * (isText ? 2 : bytesEach) - (isText ? 1 : 0);
        if (reader.Remaining < least)
            throw new InvalidImageException(name, $"is cut off: {width} × {height} pixels take {least:N0} bytes, but {reader.Remaining:N0} follow.");
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Premul));
        try
        {
            var pixels = (byte*)bitmap.GetPixels();
            for (var i = 0L; i < (long)width * height; i++, pixels += 4)
            {
                var red = Next(ref reader);
                var (green, blue) = channels == 3 ? (Next(ref reader), Next(ref reader)) : (red, red);
                (pixels[0], pixels[1], pixels[2], pixels[3]) = (blue, green, red, 255);
            }
            return bitmap;
        }
        catch
        {
            bitmap.Dispose();
            throw;
        }

        byte Next(ref Reader values)
        {
            var value = isText ? values.Number("pixel") : values.Binary(bytesEach);
            return value <= most ? (byte)((value * 255 + most / 2) / most) : throw new InvalidImageException(name, $"holds the value {value}, but states {most} as its largest.");
        }
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'\v' or (byte)'\f';

    private ref struct Reader(ReadOnlySpan<byte> file, string name)
    {
        private readonly ReadOnlySpan<byte> file = file;
        private int at = 2;

        public readonly int Remaining => file.Length - at;

        /// <summary>The next number in text, over spaces and comments.</summary>
        public int Number(string what)
        {
            while (at < file.Length && (IsSpace(file[at]) || file[at] == '#'))
                if (file[at++] == '#')
                    while (at < file.Length && file[at] != '\n')
                        at++;
            var start = at;
            var value = 0;
            while (at < file.Length && file[at] is >= (byte)'0' and <= (byte)'9' && at - start < 9)
                value = value * 10 + file[at++] - '0';
            return at > start ? value : throw new InvalidImageException(name, $"is damaged: its {what} is missing at byte {start}.");
        }

        public void SkipOneSpace() => at++;

        public int Binary(int bytes) => bytes == 1 ? file[at++] : file[at++] << 8 | file[at++];
    }
}
