using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions.Interop;

/// <summary>What <c>mlContext.Data</c> keeps to itself.</summary>
internal static class DataDoors
{
    public static IHostEnvironment EnvironmentOf(DataOperationsCatalog catalog) => CatalogUtils.GetEnvironment(catalog);
}
