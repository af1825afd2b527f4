using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Reads pictures as planes of bytes, [channels, height, width].</summary>
internal sealed class ImageReader(FeatureColumn features, DataViewRow input, DataViewSchema.Column column) : FeatureReader
{
    private readonly ValueGetter<MLImage> getter = input.GetGetter<MLImage>(column);
    private readonly ImageShape shape = (ImageShape)features.Shape;
    private readonly byte[] planes = new byte[checked((int)features.Shape.Count)];

    // each picture is taken over and disposed here: not every step that makes pictures disposes the one before
    private MLImage? image;

    /// <exception cref="InvalidImageException">There is no picture, or it has another size.</exception>
    public override bool Read()
    {
        getter(ref image!);
        if (image is null)
            throw new InvalidImageException($"in row {input.Position}", "is missing: its path is empty.");
        if (image.Width != shape.Width || image.Height != shape.Height)
            throw new InvalidImageException(image.Tag is { Length: > 0 } path ? $"'{path}'" : $"in row {input.Position}",
                $"has {image.Height} × {image.Width} pixels (height × width) where the network takes {shape.Height} × {shape.Width}. Add mlContext.Transforms.ResizeImages(\"{features.Name}\", {shape.Width}, {shape.Height}) before the trainer.");
        var pixels = ImageDoors.PixelsOf(image);
        var blueFirst = image.PixelFormat == MLPixelFormat.Bgra32;
        if (shape.Channels == 1)
            ImagePlanes.Grey(pixels, blueFirst, planes);
        else
            ImagePlanes.Split(pixels, blueFirst, planes);
        return true;
    }

    public override void AddTo(RowStore store, bool replaceMissing) => ((RowStore<byte>)store).Add(new VBuffer<byte>(planes.Length, planes));
}
