using MLNet.DeepExtensions;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>Language models: those that guess what is hidden, and those that write. Texts are classified and rated by the tasks' own catalogs: <c>mlContext.MulticlassClassification.Trainers.Deep</c> takes a column of text.</summary>
    /// <param name="mlContext">The context.</param>
    /// <returns>Trainers of language models, and what asks them.</returns>
    public static DeepText DeepText(this MLContext mlContext)
    {
        System.ArgumentNullException.ThrowIfNull(mlContext);
        return new DeepText(mlContext);
    }
}
