namespace MLNet.DeepExtensions;

/// <summary>In which numbers a network is trained. Weights, losses and the saved model are in single precision in each case, and scoring too.</summary>
public enum Precision
{
    /// <summary>Single precision throughout.</summary>
    Float32,

    /// <summary>
    /// Matrix products and convolutions in bfloat16, which has float32's range and 8 bits of precision: about twice as fast on a CPU or GPU that has units for it.
    /// </summary>
    BFloat16Mixed,

    /// <summary>Matrix products and convolutions in float16, with the loss scaled so that small gradients survive: for GPUs without bfloat16.</summary>
    Float16Mixed,
}
