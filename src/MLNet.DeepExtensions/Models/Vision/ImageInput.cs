namespace MLNet.DeepExtensions;

/// <summary>What networks for pictures ask of their input.</summary>
internal static class ImageInput
{
    /// <summary>The shape as a picture's.</summary>
    /// <exception cref="ArgumentException">It is no picture, or too small a one.</exception>
    public static ImageShape Require(InputShape input, string network, int smallestSide)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input is not ImageShape image)
            throw new ArgumentException($"{network} takes pictures, but an example is {input}. Say how its values form a picture: inputShape: new ImageShape(28, 28, 1).", nameof(input));
        var side = (Math.Max(28, smallestSide) + smallestSide - 1) / smallestSide * smallestSide;
        return image.Height >= smallestSide && image.Width >= smallestSide ? image : throw new ArgumentException(
            $"{network} takes pictures of at least {smallestSide} × {smallestSide} pixels, but they have {image.Height} × {image.Width}. " +
            $"Resize them before the trainer (ml.Transforms.ResizeImages, inputShape: new ImageShape({(network == nameof(LeNet5) ? 28 : side)}, {(network == nameof(LeNet5) ? 28 : side)}, {image.Channels})), " +
            $"or use a network for smaller pictures{(network == nameof(ConvNet) ? ", such as a ConvNet of fewer Widths" : $": {nameof(ConvNet)}, {nameof(Mlp)}")}.", nameof(input));
    }
}
