using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

namespace Microsoft.ML;

/// <summary>Recordings for deep networks, under <c>mlContext.Transforms</c> and <c>mlContext.Data</c>.</summary>
public static class DeepAudioCatalog
{
    /// <summary>
    /// Reads recordings from WAV files: whole numbers of 8, 16, 24 or 32 bits, floating-point numbers of 32 or 64, any number of channels, of which the mean is taken.
    /// Where the settings give a rate, recordings of another one are resampled, as torchaudio does it.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">
    /// The name of the column of samples: a vector of Single whose length differs from row to row, in [-1, 1]; files of floating-point numbers may go beyond.
    /// </param>
    /// <param name="inputColumnName">
    /// The name of the column of paths (text). Where a saved model scores, the column of this name may as well hold the contents of files (<c>byte[]</c>).
    /// An empty path, or no bytes, gives no samples.
    /// </param>
    /// <param name="settings">Rate, folder, limits. The default leaves each recording at its own rate.</param>
    /// <returns>The step.</returns>
    /// <exception cref="ArgumentException">A column name is empty, or a setting is out of its range.</exception>
    public static IEstimator<ITransformer> ReadAudio(this TransformsCatalog catalog, string outputColumnName, string inputColumnName, AudioReading? settings = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        return new RowStepEstimator(DataDoors.EnvironmentOf(catalog),
            new ReadAudioStep { OutputColumnName = outputColumnName, InputColumnName = inputColumnName, Reading = settings ?? new AudioReading() });
    }

    /// <summary>
    /// Lists the recordings (<c>.wav</c>, <c>.wave</c>) below a folder, one row for each: a folder for each class, as <c>words/yes/1.wav</c> and <c>words/no/2.wav</c>, or other
    /// arrangements through <paramref name="label"/>. Nothing is opened: <c>ReadAudio</c> reads the recordings.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="path">The folder. It is searched with all folders below it; names that begin with a dot are passed over.</param>
    /// <param name="label">
    /// Finds the class of a recording by its path below the folder, written with <c>/</c>; null leaves the file out. The default is the first folder's name.
    /// </param>
    /// <param name="shuffleSeed">
    /// Puts the files into a random order, the same on every machine for the same seed. It matters where rows are streamed instead of held in memory.
    /// The default, null, sorts by path, byte by byte, the same on every machine.
    /// </param>
    /// <returns>Rows of <c>AudioPath</c> (text, as <paramref name="path"/> followed by the path below it) and <c>Label</c> (text).</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidOperationException">It holds no recording that has a class.</exception>
    public static IDataView LoadAudioFolder(this DataOperationsCatalog catalog, string path, Func<string, string?>? label = null, int? shuffleSeed = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return catalog.LoadFromEnumerable(AudioFolder.List(path, label ?? ImageLabel.OfFolder, shuffleSeed));
    }
}
