using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Transformer chains whose networks are saved as graphs.</summary>
internal static class PortableChains
{
    /// <summary>The same transformer, but for the networks in it.</summary>
    /// <exception cref="NotSupportedException">A part has no portable form.</exception>
    public static ITransformer Of(ITransformer transformer) => transformer switch
    {
        DeepTransformer network => new PortableTransformer(network.Model),
        ForecastTransformer => throw new NotSupportedException("Forecasters have no portable form yet: save them with mlContext.Model.Save."),
        IEnumerable<ITransformer> chain => new TransformerChain<ITransformer>([.. chain.Select(Of)]),
        _ => transformer,
    };
}
