namespace MLNet.DeepExtensions;

/// <summary>Batches as the network takes them: the input stage's work is done on the device, inside the step.</summary>
internal sealed class PreparedBatches(IBatchSource source, InputStage stage, InputShape shape) : IBatchSource
{
    public long Rows => source.Rows;

    public int BatchSize => source.BatchSize;

    public IEnumerable<Batch> Read(int epoch)
    {
        foreach (var batch in source.Read(epoch))
            yield return batch with { Input = stage.Apply(batch.Input, shape) };
    }
}
