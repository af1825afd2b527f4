using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Interop;

/// <summary>What ML.NET's metrics keep to themselves.</summary>
internal static class MetricDoors
{
    /// <summary>
    /// The classes' names in the order of the counts: the slot names of the score column, else numbers from 0; "positive" and "negative" for two-class metrics.
    /// </summary>
    public static IReadOnlyList<string> ClassNamesOf(ConfusionMatrix matrix) => [.. matrix.PredictedClassesIndicators.Select(name => name.ToString())];
}
