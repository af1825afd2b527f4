using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// The pinball loss (Koenker and Bassett 1978): max(q d, (q - 1) d) for the difference d of target and output, the mean over the quantiles q. Its best answers are the quantiles:
/// with 0.1 and 0.9, four of five targets lie between the two.
/// </summary>
[ConfigName("quantile")]
public sealed record Quantile : LossConfig
{
    /// <summary>Gets the quantiles that the network is to give for each target.</summary>
    /// <value>Between 0 and 1, rising. The default is 0.1, 0.5, 0.9.</value>
    [Required, MinLength(1), MaxLength(99)]
    public IReadOnlyList<double> Quantiles { get; init; } = [0.1, 0.5, 0.9];

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Value;

    /// <inheritdoc/>
    internal override OutputForm Form => new() { Quantiles = Quantiles };

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device)
    {
        if (Quantiles.Any(quantile => !(quantile > 0 && quantile < 1)) || !Quantiles.SequenceEqual(Quantiles.Distinct().Order()))
            throw new ArgumentException($"Quantiles must lie between 0 and 1 and rise, but are [{string.Join(", ", Quantiles)}].");
        var quantiles = tensor(Quantiles.Select(quantile => (float)quantile).ToArray(), device: device).DetachFromDisposeScope();
        return new RowLoss((output, target) =>
        {
            var difference = target.unsqueeze(2) - output.reshape(target.shape[0], target.shape[1], -1);       // [N, targets, quantiles]
            return maximum(quantiles * difference, (quantiles - 1) * difference).mean([1, 2]);
        }, quantiles);
    }

    /// <summary>Compares the quantiles one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both compute the same.</returns>
    public bool Equals(Quantile? other) => other is not null && Quantiles.SequenceEqual(other.Quantiles);

    /// <inheritdoc/>
    public override int GetHashCode() => Quantiles.Count;
}
