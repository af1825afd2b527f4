using Microsoft.ML.Transforms;
using MLNet.DeepExtensions;

namespace Microsoft.ML;

/// <summary>Conversions of whole tables beside ML.NET's own, under <c>mlContext.Transforms.Conversion</c>.</summary>
public static class DeepConversionCatalog
{
    /// <summary>
    /// Makes a key of every text column (and of vectors of text), in place: what <c>MapValueToKey</c> does for one column at a time, and what the fitted step is. Empty text, and in scoring a value that was
    /// not seen, becomes the missing key. The label is mapped too, which multiclass classification wants of it.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms.Conversion</c>.</param>
    /// <param name="except">Columns that stay text.</param>
    /// <param name="maximumNumberOfKeys">How many values of a column get a key; those that come after are missing.</param>
    /// <returns>The step.</returns>
    /// <exception cref="System.ArgumentOutOfRangeException">Fitting finds none of that name among the columns.</exception>
    public static IEstimator<ITransformer> MapTextToKeys(this TransformsCatalog.ConversionTransforms catalog, IReadOnlyCollection<string>? except = null,
        int maximumNumberOfKeys = ValueToKeyMappingEstimator.Defaults.MaximumNumberOfKeys)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumNumberOfKeys, 1);
        return new TextToKeysEstimator(catalog, except ?? [], maximumNumberOfKeys);
    }
}
