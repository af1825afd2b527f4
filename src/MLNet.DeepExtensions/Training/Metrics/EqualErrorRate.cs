using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// The equal error rate of verification over all pairs of rows: where the threshold lets as many pairs of different classes pass as it refuses of one class. Lower is better; see <see cref="VerificationCurve"/>.
/// It keeps the epoch's embeddings, up to a bound. Rows that weigh nothing are left out; the others count alike.
/// </summary>
[ConfigName("equal-error-rate")]
public sealed record EqualErrorRate : MetricConfig
{
    /// <summary>Gets how many rows of an epoch are kept; those behind them do not count.</summary>
    /// <value>Between 2 and 20,000. The default is 2,000, which makes two million pairs.</value>
    [Range(2, 20_000)]
    public int MaxRows { get; init; } = 2000;

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Identity;

    /// <inheritdoc/>
    public override Metric Build(int outputs, Device device) => new EmbeddingMetric("eer", higherIsBetter: false, outputs, MaxRows, rows =>
        rows.Pairs() is { Genuine.Length: > 0, Impostor.Length: > 0 } pairs ? VerificationCurve.OfPairs(pairs.Genuine, pairs.Impostor).EqualErrorRate : double.NaN);
}
