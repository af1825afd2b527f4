using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Pairs of a batch's rows: d² / 2 where they are of one class, max(0, margin - d)² / 2 where they are not (Hadsell et al. 2006); the mean over all pairs, each by the product of its rows' weights.
/// A batch needs several rows of a class, see <see cref="ClassesPerBatch"/>.
/// </summary>
[ConfigName("contrastive")]
public sealed record Contrastive : LossConfig
{
    /// <summary>Gets how far apart rows of two classes are to be at least.</summary>
    /// <value>Above 0, in the unit of <see cref="Distance"/>. The default is 1: vectors of length 1 at 60 degrees.</value>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double Margin { get; init; } = 1;

    /// <summary>Gets the distance.</summary>
    /// <value>The default is <see cref="EmbeddingDistance.Euclidean"/>.</value>
    [EnumDataType(typeof(EmbeddingDistance))]
    public EmbeddingDistance Distance { get; init; }

    /// <summary>Gets whether the outputs are brought to length 1 first, as scoring gives them.</summary>
    /// <value>The default is true.</value>
    public bool Normalized { get; init; } = true;

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Identity;

    /// <inheritdoc/>
    public override Sampling? UsualSampling => new ClassesPerBatch();

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new PairLoss(Normalized, Distance, (distances, same) =>
        0.5 * where(same, distances.pow(2), (Margin - distances).clamp_min(0).pow(2)));
}

/// <summary>A loss that is a mean over the pairs of a batch, each of which has a loss of its own.</summary>
/// <param name="isNormalized">Whether rows are brought to length 1 first.</param>
/// <param name="distance">The distance.</param>
/// <param name="lossOfPairs">Makes losses [N, N] of distances [N, N] and whether two rows are of one class.</param>
internal sealed class PairLoss(bool isNormalized, EmbeddingDistance distance, Func<Tensor, Tensor, Tensor> lossOfPairs) : Loss
{
    public override LossValue Compute(Tensor output, Tensor target, Tensor? weight)
    {
        var distances = EmbeddingPairs.Distances(output, distance, isNormalized);                           // [N, N]
        var same = target.unsqueeze(1).eq(target.unsqueeze(0));
        weight ??= ones_like(target, dtype: ScalarType.Float32);
        // each pair once
        return EmbeddingPairs.Mean(lossOfPairs(distances, same), (weight.unsqueeze(1) * weight.unsqueeze(0)).triu(1));
    }
}
