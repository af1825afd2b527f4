using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// What happens to a batch between the column and the network, in training and scoring alike, on the device: bytes become numbers in [0, 1],
/// a flat row gets its shape, pictures are resized and cut where training saw pieces of them, and channels are normalised if asked for.
/// It is saved with the model.
/// </summary>
public sealed record InputStage : IValidatableObject
{
    /// <summary>Gets the size to which pictures are resized, bilinear with antialiasing.</summary>
    /// <value>The default, null, leaves them as large as they are.</value>
    public PictureSize? Resize { get; init; }

    /// <summary>Gets the size of the middle that is kept of a picture, after it was resized.</summary>
    /// <value>The default, null, keeps all.</value>
    public PictureSize? CentreCrop { get; init; }

    /// <summary>Gets what is subtracted from each channel, after bytes have become numbers in [0, 1].</summary>
    /// <value>One number for each channel (for each feature of a vector), or one for all. The default, null, subtracts nothing.</value>
    public IReadOnlyList<float>? Mean { get; init; }

    /// <summary>Gets what each channel is divided by, after the mean was subtracted.</summary>
    /// <value>One number above 0 for each channel (for each feature of a vector), or one for all. The default, null, divides by nothing.</value>
    public IReadOnlyList<float>? Std { get; init; }

    /// <summary>Prepares a batch.</summary>
    /// <param name="rows">Rows as they were buffered, [N, values], uint8 or float32; where they differ in length padded, [N, steps, width]; categories in int32.</param>
    /// <param name="shape">The shape of one example in the column.</param>
    /// <returns>
    /// [N, …<see cref="OutputShape"/>] in float32. Bytes are divided by 255, as torchvision's ToTensor does, and numbers stay as they are;
    /// <see cref="Mean"/> and <see cref="Std"/> are torchvision's Normalize.
    /// </returns>
    /// <exception cref="ArgumentException">There are neither one nor as many means, or standard deviations, as the shape has channels.</exception>
    public Tensor Apply(Tensor rows, InputShape shape)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(shape);
        return Normalise(FitSize(Scale(rows, shape)), shape);
    }

    /// <summary>Says what the network gets.</summary>
    /// <param name="shape">The shape of one example in the column.</param>
    /// <returns>The shape of one example after <see cref="Apply"/>.</returns>
    /// <exception cref="ArgumentException">Pictures are to be resized or cut, but examples are none.</exception>
    public InputShape OutputShape(InputShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if ((CentreCrop ?? Resize) is not { } size)
            return shape;
        return shape is ImageShape picture ? picture with { Height = size.Height, Width = size.Width }
            : throw new ArgumentException($"Pictures are to be resized or cut to {size}, but an example is {shape}.", nameof(shape));
    }

    /// <summary>[N, values] → [N, …shape] in float32, bytes divided by 255.</summary>
    internal static Tensor Scale(Tensor rows, InputShape shape)
    {
        // one pass over the bytes; times 1/255 would be a little faster, but differs from ToTensor in the last bit of some values
        var numbers = rows.dtype == ScalarType.Byte ? rows.div(255) : rows;
        return shape is VectorShape or IdsShape || shape.IsVariable ? numbers : numbers.reshape([rows.shape[0], .. shape.Dimensions]);
    }

    /// <summary>Subtracts the mean and divides by the standard deviation; sizes of pictures do not matter.</summary>
    internal Tensor Normalise(Tensor shaped, InputShape shape)
    {
        if (Mean is not null)
            shaped = shaped - PerChannel(Mean, nameof(Mean), shape, shaped.device);
        return Std is null ? shaped : shaped / PerChannel(Std, nameof(Std), shape, shaped.device);
    }

    private Tensor FitSize(Tensor shaped)
    {
        if (Resize is not null && (shaped.shape[2] != Resize.Height || shaped.shape[3] != Resize.Width))
            shaped = PictureResizing.Resize(shaped, Resize.Height, Resize.Width);
        return CentreCrop is null ? shaped : PictureResizing.CentreCrop(shaped, CentreCrop.Height, CentreCrop.Width);
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Mean is { Count: 0 } || Mean?.All(float.IsFinite) == false)
            yield return new ValidationResult($"Mean must hold finite numbers, one for each channel or one for all, but is [{string.Join(", ", Mean)}].");
        if (Std is { Count: 0 } || Std?.All(value => float.IsFinite(value) && value > 0) == false)
            yield return new ValidationResult($"Std must hold finite numbers above 0, one for each channel or one for all, but is [{string.Join(", ", Std)}].");
    }

    /// <summary>Compares the settings, mean and standard deviation number by number.</summary>
    /// <param name="other">Another stage.</param>
    /// <returns>Whether both do the same.</returns>
    public bool Equals(InputStage? other) => other is not null && Resize == other.Resize && CentreCrop == other.CentreCrop &&
        Same(Mean, other.Mean) && Same(Std, other.Std);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Resize, CentreCrop, Mean?.Count, Std?.Count);

    private static bool Same(IReadOnlyList<float>? left, IReadOnlyList<float>? right) => left is null ? right is null : right is not null && left.SequenceEqual(right);

    // [channels, 1, 1] for a picture, [features] for a vector or a step: it broadcasts against [N, …shape]
    private static Tensor PerChannel(IReadOnlyList<float> values, string name, InputShape shape, Device device)
    {
        var channels = shape.ChannelCount;
        if (values.Count != 1 && values.Count != channels)
            throw new ArgumentException($"{name} has {values.Count} numbers, but an example of shape {shape} has {channels} channels: give one number for each, or one for all.", name);
        var ones = Enumerable.Repeat(1L, shape.Dimensions.Count - shape.ChannelDimension);
        return tensor(values.ToArray(), device: device).reshape([values.Count, .. ones]);
    }
}
