using System.Text.Json;
using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>
    /// Has a deep network see its training pictures changed at random, anew in each epoch: mirrored, moved, turned, in other colours. The column's values pass
    /// unchanged; the step notes beside them what the trainer behind it shall do with whole batches, on its device. Validation and scoring see the pictures
    /// as they are, or, where pieces of them were trained on, their middle.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="columnName">
    /// The column that feeds the trainer: pictures, or vectors of Byte or Single (in [0, 1]) whose pixels stand as [channels, height, width], as ExtractPixels makes them.
    /// A vector without dimensions needs the trainer's <c>inputShape</c>.
    /// </param>
    /// <param name="augmentations">What happens, in this order. Those of an earlier such step on the same column come first. None changes nothing.</param>
    /// <returns>The step.</returns>
    /// <exception cref="ArgumentException">The column name is empty, or a setting is out of its range.</exception>
    public static IEstimator<ITransformer> AugmentImages(this TransformsCatalog catalog, string columnName, params Augmentation[] augmentations)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        ArgumentNullException.ThrowIfNull(augmentations);
        ConfigValidation.Check(new AugmentationList { Items = augmentations }, nameof(augmentations));
        return new RowStepEstimator(DataDoors.EnvironmentOf(catalog), new AugmentImagesStep
        {
            ColumnName = columnName, Augmentations = JsonSerializer.SerializeToNode<IReadOnlyList<Augmentation>>(augmentations, ConfigJson.Options)!.AsArray(),
        });
    }
}
