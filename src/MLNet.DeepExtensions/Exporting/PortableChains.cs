using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Transformer chains whose networks are saved as graphs.</summary>
internal static class PortableChains
{
    /// <summary>The same transformer, but for the networks in it.</summary>
    /// <exception cref="NotSupportedException">A part has no portable form.</exception>
    public static ITransformer Of(ITransformer transformer, PortableWeights weights) => transformer switch
    {
        DeepTransformer network => new PortableTransformer(network.Model, weights),
        DeepForecastTransformer forecaster => new PortableForecaster(forecaster.Model, weights),
        IEnumerable<ITransformer> chain => new TransformerChain<ITransformer>([.. chain.Select(step => Of(step, weights))]),
        _ => transformer,
    };
}
