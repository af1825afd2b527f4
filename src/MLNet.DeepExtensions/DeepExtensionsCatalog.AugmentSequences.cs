using System.Text.Json;
using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>
    /// Has a deep network see its training sequences changed at random, anew in each epoch: parts of them hidden, noise on top, moved in time. The column's values pass unchanged; the step
    /// notes beside them what the trainer behind it shall do with whole batches, on its device. Validation and scoring see the sequences as they are.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="columnName">The column that feeds the trainer: vectors of Single, one step after the other, as <c>MelSpectrogram</c> and <c>ReadAudio</c> make them.</param>
    /// <param name="augmentations">What happens, in this order. Those of an earlier such step on the same column come first. None changes nothing.</param>
    /// <returns>The step.</returns>
    /// <exception cref="ArgumentException">The column name is empty, or a setting is out of its range.</exception>
    public static IEstimator<ITransformer> AugmentSequences(this TransformsCatalog catalog, string columnName, params SequenceAugmentation[] augmentations)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        ArgumentNullException.ThrowIfNull(augmentations);
        ConfigValidation.Check(new SequenceAugmentationList { Items = augmentations }, nameof(augmentations));
        return new RowStepEstimator(DataDoors.EnvironmentOf(catalog), new AugmentSequencesStep
        {
            ColumnName = columnName, Augmentations = JsonSerializer.SerializeToNode<IReadOnlyList<SequenceAugmentation>>(augmentations, ConfigJson.Options)!.AsArray(),
        });
    }
}
