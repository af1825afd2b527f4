using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>A contact sheet of augmented pictures: a look at it tells more than the settings do.</summary>
public static class AugmentationSheet
{
    /// <summary>Writes a PNG with a line for each of the first rows: the picture as validation and scoring see it, then what the augmentations of its column make of it.</summary>
    /// <param name="data">Data that passed through <c>AugmentImages</c>: what a fitted pipeline's <c>Transform</c> gives.</param>
    /// <param name="columnName">The column.</param>
    /// <param name="path">The file, ending in .png; its folder must exist. A file that is there is replaced, once the new one is complete.</param>
    /// <param name="pictures">How many rows to take, at least 1.</param>
    /// <param name="variants">How many variants of each to show, at least 1.</param>
    /// <param name="seed">Seeds the dice. The same seed gives the same sheet.</param>
    /// <param name="inputShape">The shape of a picture, where the column's own dimensions do not say it.</param>
    /// <exception cref="ArgumentException">There is no such column, it holds no pictures, or no augmentations; or the path is no PNG file's.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static void Save(IDataView data, string columnName, string path, int pictures = 6, int variants = 7, int seed = 0, ImageShape? inputShape = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(variants, 1);
        var batch = AugmentationPreview.Batch(data, columnName, pictures, variants, seed, inputShape);
        PictureSheet.Save([.. batch.Select(picture => new SheetPicture(picture.Pixels, picture.Height, picture.Width, picture.Variant == 0 ? "as it is" : null))], path,
            columns: variants + 1, title: "What the network sees in training", tileSize: 128);
    }
}
