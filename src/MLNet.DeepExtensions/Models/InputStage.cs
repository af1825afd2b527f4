using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// What happens to a batch between the column and the network, in training and scoring alike, on the device: bytes become numbers in [0, 1],
/// and a flat row gets the shape that the network takes. It is saved with the model.
/// </summary>
public sealed record InputStage
{
    /// <summary>Prepares a batch.</summary>
    /// <param name="rows">Rows as they were buffered, [N, values], uint8 or float32.</param>
    /// <param name="shape">The shape of one example.</param>
    /// <returns>[N, …shape] in float32. Bytes are divided by 255, as torchvision's ToTensor does; numbers stay as they are.</returns>
    public Tensor Apply(Tensor rows, InputShape shape)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(shape);
        var numbers = rows.dtype == ScalarType.Byte ? rows.div(255) : rows;
        return shape is VectorShape ? numbers : numbers.reshape([rows.shape[0], .. shape.Dimensions]);
    }
}
