using MLNet.DeepExtensions;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>Recommenders. (<c>mlContext.Recommendation()</c> belongs to the package Microsoft.ML.Recommender; an application may use both.)</summary>
    /// <param name="mlContext">The context.</param>
    /// <returns>Trainers of recommenders, and what asks them.</returns>
    public static DeepRecommendation DeepRecommendation(this MLContext mlContext)
    {
        System.ArgumentNullException.ThrowIfNull(mlContext);
        return new DeepRecommendation(mlContext);
    }
}
