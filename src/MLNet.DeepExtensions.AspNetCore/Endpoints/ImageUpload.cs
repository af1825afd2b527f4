using System.ComponentModel.DataAnnotations;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>A picture that a client sent. Its header was read and is within the limits; its pixels were not looked at yet.</summary>
public sealed class ImageUpload
{
    private readonly ImageUploadLimits limits;

    internal ImageUpload(byte[] bytes, int width, int height, ImageUploadLimits limits) => (Bytes, Width, Height, this.limits) = (bytes, width, height, limits);

    /// <summary>Gets the file's bytes: for a model that begins with <c>ReadImages</c>, a column of type <c>byte[]</c>.</summary>
    public byte[] Bytes { get; }

    /// <summary>Gets the width in pixels, as the file lies.</summary>
    public int Width { get; }

    /// <summary>Gets the height in pixels, as the file lies.</summary>
    public int Height { get; }

    /// <summary>Decodes the picture, upright: for a model that takes pictures or numbers made from them.</summary>
    /// <param name="height">The height that it is given, in pixels; null leaves it as it is.</param>
    /// <param name="width">The width that it is given, in pixels; null leaves it as it is.</param>
    /// <param name="fit">How a picture of other proportions is fitted.</param>
    /// <returns>The picture, in four bytes for each pixel, as Bgra32. Dispose it, or hand it to a row that is disposable.</returns>
    /// <exception cref="InvalidImageException">The picture is damaged; let it pass, and the client gets status 422.</exception>
    public MLImage Decode(int? height = null, int? width = null, ImageFit fit = ImageFit.Crop) =>
        new ImageDecoder(new ImageReading { Height = height, Width = width, Fit = fit, MaxBytes = limits.MaxBytes, MaxPixels = limits.MaxPixels }).Decode(Bytes, "sent");

    /// <summary>Decodes the picture as shades of grey: for a model that takes numbers, such as handwritten digits.</summary>
    /// <param name="height">The height that it is given, in pixels.</param>
    /// <param name="width">The width that it is given, in pixels.</param>
    /// <param name="fit">How a picture of other proportions is fitted.</param>
    /// <returns>Height × width numbers in [0, 255], row by row; transparent pixels are black.</returns>
    /// <exception cref="InvalidImageException">The picture is damaged; let it pass, and the client gets status 422.</exception>
    public float[] DecodeGrey(int height, int width, ImageFit fit = ImageFit.Pad)
    {
        using var image = Decode(height, width, fit);
        var grey = new byte[height * width];
        ImagePlanes.Grey(ImageDoors.PixelsOf(image), image.PixelFormat == MLPixelFormat.Bgra32, grey);
        return Array.ConvertAll(grey, shade => (float)shade);
    }
}

/// <summary>What pictures an endpoint takes in.</summary>
public sealed record ImageUploadLimits
{
    /// <summary>Gets the most bytes that a request may have.</summary>
    /// <value>At least 1. The default is 10 MiB.</value>
    [Range(1, 1 << 30, ErrorMessage = "MaxBytes must lie in [1, 1073741824]; write new ImageUploadLimits { MaxBytes = 10 << 20 }.")]
    public int MaxBytes { get; init; } = 10 << 20;

    /// <summary>Gets the most pixels that a picture may have; the file's header is asked before any memory is taken.</summary>
    /// <value>At least 1. The default is 25 million.</value>
    [Range(1, int.MaxValue / 4, ErrorMessage = "MaxPixels must lie in [1, 536870911]; write new ImageUploadLimits { MaxPixels = 25_000_000 }.")]
    public int MaxPixels { get; init; } = 25_000_000;
}
