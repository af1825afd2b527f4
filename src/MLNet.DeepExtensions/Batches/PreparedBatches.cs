namespace MLNet.DeepExtensions;

/// <summary>Batches as the network takes them: the input stage's work is done on the device, inside the step; in training, pictures are augmented in the midst of it.</summary>
/// <param name="source">Batches of the column's own values.</param>
/// <param name="stage">What the network sees in scoring, too.</param>
/// <param name="shape">The shape of one example in the column.</param>
/// <param name="augmentation">What happens in training alone: it leaves pictures of the stage's size. Null for validation.</param>
internal sealed class PreparedBatches(IBatchSource source, InputStage stage, InputShape shape, AugmentationPlan? augmentation = null) : IBatchSource
{
    public long Rows => source.Rows;

    public int BatchSize => source.BatchSize;

    public IEnumerable<Batch> Read(int epoch)
    {
        var number = 0;
        foreach (var batch in source.Read(epoch))
        {
            if (augmentation is null)
            {
                yield return batch with { Input = stage.Apply(batch.Input, shape) };
                continue;
            }
            var augmented = augmentation.Apply(batch with { Input = InputStage.Scale(batch.Input, shape) }, epoch, number++);
            yield return augmented with { Input = stage.Normalise(augmented.Input, shape) };
        }
    }
}
