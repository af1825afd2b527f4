using MLNet.DeepExtensions;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>Networks that read and write text.</summary>
    /// <param name="mlContext">The context.</param>
    /// <returns>Trainers of language models, and what judges them.</returns>
    public static DeepText DeepText(this MLContext mlContext)
    {
        System.ArgumentNullException.ThrowIfNull(mlContext);
        return new DeepText(mlContext);
    }

    /// <summary>Makes what writes texts on of a language model.</summary>
    /// <param name="model">The trained language model, a fitted pipeline with one, or what <c>mlContext.Model.Load</c> gave.</param>
    /// <returns>The generator; do not dispose the model before it is done.</returns>
    /// <exception cref="System.ArgumentException">The model has no language model.</exception>
    public static TextGenerator CreateTextGenerator(this ITransformer model)
    {
        System.ArgumentNullException.ThrowIfNull(model);
        return new TextGenerator(model);
    }
}
