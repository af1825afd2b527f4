using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>The rows of one training step on the device.</summary>
/// <param name="Input">What the network takes: a tensor [N, …] for each column.</param>
/// <param name="Target">What it should give: class indices [N] in int64, or class probabilities [N, outputs].</param>
/// <param name="Weight">How much each row counts, [N] in float32; null counts all alike.</param>
/// <param name="Count">N.</param>
public sealed record Batch(ModelInput Input, Tensor Target, Tensor? Weight, int Count);

/// <summary>Where batches come from.</summary>
public interface IBatchSource
{
    /// <summary>Gets the rows in one epoch.</summary>
    long Rows { get; }

    /// <summary>Gets the rows in a batch; the last one may have fewer.</summary>
    int BatchSize { get; }

    /// <summary>Gives each row once. A batch's tensors live in the caller's dispose scope and are valid until the next one is asked for.</summary>
    /// <param name="epoch">The number of the epoch, from 1; it seeds the order.</param>
    /// <param name="skip">How many batches to leave out, for a run that goes on in the midst of an epoch.</param>
    /// <returns>The batches.</returns>
    IEnumerable<Batch> Read(int epoch, int skip = 0);
}
