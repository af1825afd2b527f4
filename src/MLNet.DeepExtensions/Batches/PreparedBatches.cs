using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Batches as the network takes them: the input stages' work is done on the device, inside the step; in training, what was noted beside a column happens in the midst of it.</summary>
/// <param name="source">Batches of the columns' own values.</param>
/// <param name="columns">What the network sees in scoring, too.</param>
/// <param name="scale">What targets that are numbers are scaled by; null leaves them.</param>
/// <param name="augmentations">What happens in training alone, column by column: it leaves examples of the stage's size. Null for validation.</param>
internal sealed class PreparedBatches(IBatchSource source, IReadOnlyList<NetworkColumn> columns, TargetScale? scale = null, IReadOnlyList<TrainingChanges?>? augmentations = null) : IBatchSource
{
    public long Rows => source.Rows;

    public int BatchSize => source.BatchSize;

    public IEnumerable<Batch> Read(int epoch, int skip = 0)
    {
        var number = skip;
        foreach (var raw in source.Read(epoch, skip))
        {
            var batch = scale is null ? raw : raw with { Target = Scaled(raw.Target, scale) };
            yield return augmentations is null ? batch with { Input = NetworkColumn.Apply(columns, batch.Input) } : Augmented(batch, epoch, number);
            number++;
        }
    }

    private Batch Augmented(Batch batch, int epoch, int number)
    {
        var inputs = new InputTensor[columns.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            var (column, raw) = (columns[i], batch.Input.Columns[i]);
            if (augmentations![i] is not { } plan)
            {
                inputs[i] = column.Apply(raw);
                continue;
            }
            (batch, inputs[i]) = plan.Prepare(batch, raw, column, epoch, number);
        }
        return batch with { Input = new ModelInput(inputs) };
    }

    private static Tensor Scaled(Tensor target, TargetScale scale)
    {
        var (mean, std) = scale.Over((int)target.shape[1]);
        return (target - tensor(mean, device: target.device)) / tensor(std, device: target.device);
    }
}
