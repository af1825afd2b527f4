namespace MLNet.DeepExtensions;

/// <summary>How a portable model keeps its weights.</summary>
public enum PortableWeights
{
    /// <summary>As they were trained, 4 bytes a number: the scores are the trained model's.</summary>
    Float32,

    /// <summary>
    /// 2 bytes a number, half the file. They are made float32 again when the model is loaded, so that it scores as fast as before; a weight loses all but 11 of its bits.
    /// Tensors with a number above 65,504 stay as they are.
    /// </summary>
    Float16,

    /// <summary>
    /// 1 byte a number for fully connected layers, convolutions and embeddings, a quarter of the file: each output's weights are whole numbers from -127 to 127 times a factor of their own.
    /// Fully connected layers multiply whole numbers: what they take is rounded likewise while scoring, each row by itself, so that a row's scores depend on no other row. Convolutions' weights are made float32 again when the
    /// model is loaded, since they score faster so. Recurrent layers keep float32. Scores change in their second or third digit: measure it on data of yours.
    /// </summary>
    Int8,
}
