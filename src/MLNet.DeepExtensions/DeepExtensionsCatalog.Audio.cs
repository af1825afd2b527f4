using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>
    /// Turns recordings into the loudness of their frequency bands from moment to moment, with torchaudio's numbers. The output, a vector of Single that holds one step of
    /// <see cref="MLNet.DeepExtensions.MelSpectrogram.Mels"/> numbers after the other, feeds a trainer as it is: how wide a step is stands beside the column, so no <c>inputShape</c> is needed.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The name of the column of steps; rows differ in length: one step for each <see cref="MLNet.DeepExtensions.MelSpectrogram.HopLength"/> samples, and one more.</param>
    /// <param name="inputColumnName">The name of the column of samples (vectors of Single), as <c>ReadAudio</c> makes it. A recording of no samples gives no steps.</param>
    /// <param name="settings">Windows and bands. The default has 128 bands over windows of 400 samples.</param>
    /// <returns>The step.</returns>
    /// <exception cref="ArgumentException">A column name is empty, or a setting is out of its range.</exception>
    public static IEstimator<ITransformer> MelSpectrogram(this TransformsCatalog catalog, string outputColumnName, string inputColumnName, MelSpectrogram? settings = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        return new RowStepEstimator(DataDoors.EnvironmentOf(catalog),
            new MelSpectrogramStep { OutputColumnName = outputColumnName, InputColumnName = inputColumnName, Mel = settings ?? new MelSpectrogram() });
    }

    /// <summary>Turns recordings into mel-frequency cepstral coefficients, with torchaudio's numbers: fewer numbers than <c>MelSpectrogram</c> gives, and less alike among themselves.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The name of the column of steps of <see cref="MLNet.DeepExtensions.Mfcc.Coefficients"/> numbers; how wide a step is stands beside it, so a trainer needs no <c>inputShape</c>.</param>
    /// <param name="inputColumnName">The name of the column of samples (vectors of Single), as <c>ReadAudio</c> makes it. A recording of no samples gives no steps.</param>
    /// <param name="settings">Coefficients and bands. The default keeps 40 of 128.</param>
    /// <returns>The step.</returns>
    /// <exception cref="ArgumentException">A column name is empty, or a setting is out of its range.</exception>
    public static IEstimator<ITransformer> Mfcc(this TransformsCatalog catalog, string outputColumnName, string inputColumnName, Mfcc? settings = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        return new RowStepEstimator(DataDoors.EnvironmentOf(catalog),
            new MfccStep { OutputColumnName = outputColumnName, InputColumnName = inputColumnName, Settings = settings ?? new Mfcc() });
    }
}
