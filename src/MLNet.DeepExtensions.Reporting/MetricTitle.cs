using System.Collections.Frozen;

namespace MLNet.DeepExtensions;

/// <summary>A metric's name as a title: <c>recall_at_1</c> is "Recall at 1", and <c>eer</c> "EER".</summary>
internal static class MetricTitle
{
    private static readonly FrozenSet<string> abbreviations = FrozenSet.Create(StringComparer.Ordinal, "auc", "eer", "mae", "mase", "mse", "rmse");

    public static string Of(string metric) => abbreviations.Contains(metric) ? metric.ToUpperInvariant() : char.ToUpperInvariant(metric[0]) + metric[1..].Replace('_', ' ');
}
