using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Batches as the network takes them: the input stage's work is done on the device, inside the step; in training, pictures are augmented in the midst of it.</summary>
/// <param name="source">Batches of the column's own values.</param>
/// <param name="stage">What the network sees in scoring, too.</param>
/// <param name="shape">The shape of one example in the column.</param>
/// <param name="scale">What targets that are numbers are scaled by; null leaves them.</param>
/// <param name="augmentation">What happens in training alone: it leaves pictures of the stage's size. Null for validation.</param>
internal sealed class PreparedBatches(IBatchSource source, InputStage stage, InputShape shape, TargetScale? scale = null, AugmentationPlan? augmentation = null) : IBatchSource
{
    public long Rows => source.Rows;

    public int BatchSize => source.BatchSize;

    public IEnumerable<Batch> Read(int epoch, int skip = 0)
    {
        var number = skip;
        foreach (var raw in source.Read(epoch, skip))
        {
            var batch = scale is null ? raw : raw with { Target = Scaled(raw.Target, scale) };
            if (augmentation is null)
            {
                yield return batch with { Input = stage.Apply(batch.Input, shape) };
                continue;
            }
            var augmented = augmentation.Apply(batch with { Input = InputStage.Scale(batch.Input, shape) }, epoch, number++);
            yield return augmented with { Input = stage.Normalise(augmented.Input, shape) };
        }
    }

    private static Tensor Scaled(Tensor target, TargetScale scale) =>
        (target - tensor(scale.Mean.ToArray(), device: target.device)) / tensor(scale.Std.ToArray(), device: target.device);
}
