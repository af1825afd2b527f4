using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>
/// Pictures from the bytes of a file: JPEG, PNG, GIF (its first frame), WebP, BMP, ICO and what else Skia knows, and PGM/PPM.
/// Unlike ML.NET's LoadImages it says what is wrong with a broken one, turns it upright, and decodes a JPEG at a half, a quarter or an eighth
/// of its size where the picture will be that small anyway.
/// </summary>
internal sealed class ImageDecoder(ImageReading settings)
{
    // beyond this shrinkage two by two pixels are too few to look at
    private const float LinearShrinkage = 1.5f;

    /// <summary>Width and height as the file's header states them, and nothing of the pixels; null where the bytes are no picture of a known kind.</summary>
    /// <exception cref="InvalidImageException">The header is damaged.</exception>
    public static unsafe (int Width, int Height)? SizeOf(ReadOnlySpan<byte> bytes, string name)
    {
        if (NetpbmDecoder.Knows(bytes))
            return NetpbmDecoder.SizeOf(bytes, name);
        if (bytes.IsEmpty)
            return null;
        fixed (byte* start = bytes)
        {
            using var data = SKData.Create((nint)start, bytes.Length);
            using var codec = SKCodec.Create(data);
            return codec is null ? null : (codec.Info.Width, codec.Info.Height);
        }
    }

    /// <exception cref="InvalidImageException">The file is missing or holds no whole picture.</exception>
    public MLImage ReadFile(string path)
    {
        var full = settings.Folder is null ? path : Path.Combine(settings.Folder, path);
        var name = $"'{path}'";
        var bytes = BoundedFile.Read(path, settings.Folder, settings.MaxBytes, (reason, inner) => new InvalidImageException(name, reason, inner));
        var image = Decode(bytes, name);
        image.Tag = full;
        return image;
    }

    /// <exception cref="InvalidImageException">The bytes hold no whole picture.</exception>
    public MLImage Decode(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length > settings.MaxBytes)
            throw BoundedFile.TooMany(bytes.Length, settings.MaxBytes, (reason, inner) => new InvalidImageException(name, reason, inner));
        if (bytes.IsEmpty)
            throw new InvalidImageException(name, "is empty.");
        var bitmap = NetpbmDecoder.Knows(bytes) ? Fit(NetpbmDecoder.Decode(bytes, name, CheckSize)) : DecodeBySkia(bytes, name);
        return ImageDoors.Wrap(bitmap);
    }

    /// <summary>Gives a picture that is already decoded the wanted size, as a copy.</summary>
    public MLImage Fit(MLImage image) => ImageDoors.Wrap(Fit(ImageDoors.CopyOf(image)));

    private unsafe SKBitmap DecodeBySkia(ReadOnlySpan<byte> bytes, string name)
    {
        fixed (byte* start = bytes)
        {
            using var data = SKData.Create((nint)start, bytes.Length);
            using var codec = SKCodec.Create(data) ?? throw new InvalidImageException(name, "is no picture of a known kind (JPEG, PNG, GIF, WebP, BMP, ICO, PGM, PPM), or its beginning is damaged.");
            CheckSize(codec.Info.Width, codec.Info.Height, name);
            var origin = settings.Upright ? codec.EncodedOrigin : SKEncodedOrigin.TopLeft;
            var size = DecodedSize(codec, ImageOrientation.SwapsSides(origin));
            var bitmap = new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Bgra8888, SKAlphaType.Premul));
            try
            {
                var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
                if (result != SKCodecResult.Success)
                    throw new InvalidImageException(name, result == SKCodecResult.IncompleteInput ? "is cut off: its file ends before the picture does." : $"is damaged ({result}).");
            }
            catch
            {
                bitmap.Dispose();
                throw;
            }
            return ImageOrientation.TurnUpright(Fit(bitmap, ImageOrientation.SwapsSides(origin)), origin);
        }
    }

    private void CheckSize(int width, int height, string name)
    {
        if (width < 1 || height < 1)
            throw new InvalidImageException(name, $"has {width} × {height} pixels.");
        if ((long)width * height > settings.MaxPixels)
            throw new InvalidImageException(name, $"has {width:N0} × {height:N0} pixels, more than MaxPixels = {settings.MaxPixels:N0} allows.");
    }

    // the smallest size that the codec can decode at and that need not be enlarged afterwards
    private SKSizeI DecodedSize(SKCodec codec, bool lying)
    {
        var full = new SKSizeI(codec.Info.Width, codec.Info.Height);
        if (settings.Height is not { } height || settings.Width is not { } width)
            return full;
        if (lying)
            (height, width) = (width, height);
        var needed = Scale(full.Width, full.Height, width, height);
        var smaller = codec.GetScaledDimensions(needed.Least);
        return smaller.Width >= full.Width * needed.Horizontal && smaller.Height >= full.Height * needed.Vertical ? smaller : full;
    }

    /// <summary>Gives the bitmap the wanted size; it is disposed if another takes its place.</summary>
    private SKBitmap Fit(SKBitmap bitmap, bool lying = false)
    {
        if (settings.Height is not { } height || settings.Width is not { } width)
            return bitmap;
        if (lying)
            (height, width) = (width, height);
        if (bitmap.Height == height && bitmap.Width == width)
            return bitmap;
        using (bitmap)
        {
            var scale = Scale(bitmap.Width, bitmap.Height, width, height);
            // the part of the picture that is kept, and the place that it takes
            var kept = Centred(bitmap.Width, bitmap.Height, (int)Math.Round(width / scale.Horizontal), (int)Math.Round(height / scale.Vertical));
            var place = Centred(width, height, (int)Math.Round(bitmap.Width * scale.Horizontal), (int)Math.Round(bitmap.Height * scale.Vertical));
            var fitted = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Premul));
            if (place.Width < width || place.Height < height)
                fitted.Erase(SKColors.Black);
            using var source = bitmap.PeekPixels().ExtractSubset(kept);
            using var target = fitted.PeekPixels().ExtractSubset(place);
            var shrinkage = Math.Max(1 / scale.Horizontal, 1 / scale.Vertical);
#pragma warning disable CS0618                                  // SkiaSharp 2.88, which ML.NET brings, knows no other; 3 has it still
            source.ScalePixels(target, shrinkage > LinearShrinkage ? SKFilterQuality.Medium : SKFilterQuality.Low);
#pragma warning restore CS0618
            return fitted;
        }
    }

    private (float Horizontal, float Vertical, float Least) Scale(int width, int height, int toWidth, int toHeight)
    {
        var (horizontal, vertical) = ((float)toWidth / width, (float)toHeight / height);
        var uniform = settings.Fit == ImageFit.Crop ? Math.Max(horizontal, vertical) : Math.Min(horizontal, vertical);
        return settings.Fit == ImageFit.Stretch ? (horizontal, vertical, Math.Max(horizontal, vertical)) : (uniform, uniform, uniform);
    }

    private static SKRectI Centred(int width, int height, int innerWidth, int innerHeight)
    {
        var (w, h) = (Math.Clamp(innerWidth, 1, width), Math.Clamp(innerHeight, 1, height));
        var (x, y) = ((width - w) / 2, (height - h) / 2);
        return new SKRectI(x, y, x + w, y + h);
    }
}
