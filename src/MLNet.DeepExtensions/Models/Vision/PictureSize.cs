using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>The size of a picture.</summary>
/// <param name="Height">Rows, in pixels.</param>
/// <param name="Width">Columns, in pixels.</param>
public sealed record PictureSize([property: Range(1, 1 << 16)] int Height, [property: Range(1, 1 << 16)] int Width)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Height} × {Width}";
}
