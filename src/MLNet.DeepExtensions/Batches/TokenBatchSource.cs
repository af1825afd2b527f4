using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Batches of windows of a text, which stand elsewhere in each epoch.</summary>
/// <param name="set">All windows of <paramref name="rows"/>.</param>
/// <param name="rows">The text.</param>
/// <param name="batchSize">Windows in a batch; the last one of an epoch may have fewer.</param>
/// <param name="shuffleSeed">Seeds the windows' places and their order, together with the epoch's number; null keeps the order of the text.</param>
/// <param name="device">Where the batches are wanted.</param>
internal sealed class TokenBatchSource(RowSet set, TokenRows rows, int batchSize, int? shuffleSeed, Device device) : WindowBatchSource(set, batchSize, shuffleSeed, device)
{
    private readonly int seed = shuffleSeed ?? 0;

    protected override Filler Begin(int epoch)
    {
        rows.Windows.Move(new SeededRandom(unchecked(seed * 397 ^ epoch * 1_000_003)));
        return base.Begin(epoch);
    }
}
