using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>How <c>mlContext.Transforms.ReadImages</c> reads pictures.</summary>
public sealed record ImageReading : IValidatableObject
{
    /// <summary>Gets the folder that relative paths are relative to.</summary>
    /// <value>The default, null, is the folder in which the application runs.</value>
    public string? Folder { get; init; }

    /// <summary>Gets the height that each picture is given, in pixels.</summary>
    /// <value>In [1, 65536]. The default, null, leaves pictures as large as they are.</value>
    [Range(1, 1 << 16)]
    public int? Height { get; init; }

    /// <summary>Gets the width that each picture is given, in pixels.</summary>
    /// <value>In [1, 65536]. The default, null, leaves pictures as large as they are.</value>
    [Range(1, 1 << 16)]
    public int? Width { get; init; }

    /// <summary>Gets how a picture of other proportions is fitted into <see cref="Height"/> × <see cref="Width"/>.</summary>
    /// <value>The default cuts off what does not fit, evenly on both sides.</value>
    public ImageFit Fit { get; init; }

    /// <summary>Gets whether a picture that a camera marked as lying on its side (EXIF orientation) is turned upright.</summary>
    /// <value>The default is true.</value>
    public bool Upright { get; init; } = true;

    /// <summary>Gets the most pixels that a file may hold; the file's header is asked before any memory is taken.</summary>
    /// <value>At least 1. The default is 100 million. A picture takes four bytes for each pixel while it is decoded.</value>
    [Range(1, int.MaxValue / 4)]
    public int MaxPixels { get; init; } = 100_000_000;

    /// <summary>Gets the most bytes that a file may have.</summary>
    /// <value>At least 1. The default is 256 MiB.</value>
    [Range(1, 1 << 30)]
    public int MaxBytes { get; init; } = 256 << 20;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Height is null != Width is null)
            yield return new ValidationResult($"Height and Width belong together, but Height is {Height?.ToString() ?? "null"} and Width is {Width?.ToString() ?? "null"}. Set both or neither.");
    }
}

/// <summary>How a picture is fitted into a rectangle of other proportions.</summary>
public enum ImageFit
{
    /// <summary>Scaled to fill the rectangle; what juts out is cut off, evenly on both sides.</summary>
    Crop,

    /// <summary>Scaled to lie within the rectangle; the rest is black.</summary>
    Pad,

    /// <summary>Each side scaled by itself: proportions are lost.</summary>
    Stretch,
}
