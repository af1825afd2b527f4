using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// The share of rows whose nearest other row is of their class; rows that are alone in theirs are left out. It keeps the epoch's embeddings, up to a bound.
/// Rows that weigh nothing are left out; the others count alike.
/// </summary>
[ConfigName("recall-at-1")]
public sealed record RecallAt1 : MetricConfig
{
    /// <summary>Gets how many rows of an epoch are kept; those behind them do not count.</summary>
    /// <value>Between 2 and 20,000. The default is 2,000.</value>
    [Range(2, 20_000)]
    public int MaxRows { get; init; } = 2000;

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Identity;

    /// <inheritdoc/>
    public override Metric Build(int outputs, Device device) => new EmbeddingMetric("recall_at_1", higherIsBetter: true, outputs, MaxRows, rows => rows.RecallAt1());
}
