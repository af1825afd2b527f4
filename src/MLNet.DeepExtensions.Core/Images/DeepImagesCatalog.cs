using Microsoft.ML.Data;
using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

namespace Microsoft.ML;

/// <summary>Pictures for deep networks, under <c>mlContext.Transforms</c> and <c>mlContext.Data</c>.</summary>
public static class DeepImagesCatalog
{
    /// <summary>
    /// Reads pictures from files: JPEG, PNG, GIF (the first frame), WebP, BMP, ICO, PGM and PPM. Beside what ML.NET's LoadImages does, it turns photos
    /// upright, has limits, says which file is broken and why, and resizes smoothly at once where the settings give a size: the size is then known to the
    /// trainer, and a large JPEG is decoded small.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The name of the column of pictures (<see cref="MLImage"/>).</param>
    /// <param name="inputColumnName">
    /// The name of the column of paths (text). Where a saved model scores, the column of this name may as well hold the contents of files (<c>byte[]</c>) or pictures (<see cref="MLImage"/>).
    /// An empty path, or no bytes, gives no picture.
    /// </param>
    /// <param name="settings">Size, folder, limits. The default leaves pictures as large as they are.</param>
    /// <returns>The step.</returns>
    /// <exception cref="ArgumentException">A column name is empty, or a setting is out of its range.</exception>
    public static IEstimator<ITransformer> ReadImages(this TransformsCatalog catalog, string outputColumnName, string inputColumnName, ImageReading? settings = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        return new RowStepEstimator(DataDoors.EnvironmentOf(catalog),
            new ReadImagesStep { OutputColumnName = outputColumnName, InputColumnName = inputColumnName, Reading = settings ?? new ImageReading() });
    }

    /// <summary>
    /// Lists the pictures below a folder, one row for each: a folder for each class, as <c>pets/cat/1.jpg</c> and <c>pets/dog/kennel/2.jpg</c>, or other
    /// arrangements through <paramref name="label"/>. Nothing is opened: a step such as <c>ReadImages</c> reads the pictures.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="path">The folder. It is searched with all folders below it; names that begin with a dot are passed over.</param>
    /// <param name="label">
    /// Finds the class of a picture by its path below the folder, written with <c>/</c>; null leaves the file out. <see cref="ImageLabel.OfFileName"/> fits Kaggle's
    /// <c>cat.0.jpg</c>. The default is <see cref="ImageLabel.OfFolder"/>: the first folder's name.
    /// </param>
    /// <param name="shuffleSeed">
    /// Puts the files into a random order, the same on every machine for the same seed. It matters where rows are streamed instead of held in memory.
    /// The default, null, sorts by path, byte by byte, the same on every machine.
    /// </param>
    /// <returns>Rows of <c>ImagePath</c> (text, as <paramref name="path"/> followed by the path below it) and <c>Label</c> (text).</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidOperationException">It holds no picture that has a class.</exception>
    public static IDataView LoadImageFolder(this DataOperationsCatalog catalog, string path, Func<string, string?>? label = null, int? shuffleSeed = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return catalog.LoadFromEnumerable(ImageFolder.List(path, label ?? ImageLabel.OfFolder, shuffleSeed));
    }
}
