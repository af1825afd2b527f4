namespace MLNet.DeepExtensions;

/// <summary>What happens to one column's batches in training alone.</summary>
internal abstract class TrainingChanges
{
    /// <summary>Gets the augmentations as JSON.</summary>
    public abstract string Description { get; }

    /// <summary>Gets what validation and scoring do instead, without chance, so that examples have the same size.</summary>
    public virtual InputStage Stage { get; } = new();

    /// <summary>Makes a column of a batch ready for the network, changed.</summary>
    /// <param name="batch">The batch, of which the targets may be changed, too.</param>
    /// <param name="raw">The column's own values.</param>
    /// <param name="column">The column with the stage of scoring.</param>
    /// <param name="epoch">The number of the epoch.</param>
    /// <param name="number">The number of the batch in its epoch.</param>
    /// <returns>The batch with its targets, and what the network gets of the column.</returns>
    public abstract (Batch Batch, InputTensor Input) Prepare(Batch batch, InputTensor raw, NetworkColumn column, int epoch, int number);
}
