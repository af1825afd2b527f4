using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>
    /// Makes a vector of each text by a network that was trained elsewhere, without training it: texts of like meaning lie near each other as far as the network learnt to say so. Sentence-BERT's networks are made for it
    /// (Reimers and Gurevych 2019); to teach your own classes, train: <c>mlContext.Transforms.DeepEmbedding</c>.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms.Text</c>.</param>
    /// <param name="outputColumnName">The column of vectors that it adds: Single, of length 1, so that the product of two is their cosine.</param>
    /// <param name="inputColumn">The column of text, or of its tokens.</param>
    /// <param name="model">The network with its weights: <c>PretrainedModel.FromFolder(folder)</c>, or the architecture of what <paramref name="weights"/> come from.</param>
    /// <param name="pooling">How a vector is made of the tokens': their mean, the first one's, or the largest number of each.</param>
    /// <param name="weights">Weights in place of those that the network brings along, such as a trained transformer's, whose tokenizer comes with them.</param>
    /// <returns>The step. It is saved with the pipeline, weights and tokenizer inside; scoring takes many rows at a time.</returns>
    /// <exception cref="System.ArgumentException">The architecture reads no text, or has no weights.</exception>
    public static IEstimator<DeepTransformer> EmbedText(this TransformsCatalog.TextTransforms catalog, string outputColumnName, InputColumn inputColumn, ModelConfig model, Pooling pooling = Pooling.Mean,
        PretrainedWeights? weights = null) => new TextEmbedder(DataDoors.EnvironmentOf(catalog), outputColumnName, inputColumn, model, pooling, weights);
}
