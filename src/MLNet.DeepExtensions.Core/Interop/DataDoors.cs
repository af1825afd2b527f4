using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions.Interop;

/// <summary>What <c>mlContext.Data</c> and <c>mlContext.Transforms</c> keep to themselves.</summary>
internal static class DataDoors
{
    public static IHostEnvironment EnvironmentOf(DataOperationsCatalog catalog) => CatalogUtils.GetEnvironment(catalog);

    public static IHostEnvironment EnvironmentOf(TransformsCatalog catalog) => CatalogUtils.GetEnvironment(catalog);

    public static IHostEnvironment EnvironmentOf(TransformsCatalog.TextTransforms catalog) => CatalogUtils.GetEnvironment(catalog);
}
