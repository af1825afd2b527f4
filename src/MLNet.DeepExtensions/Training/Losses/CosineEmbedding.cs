using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Pairs of a batch's rows: 1 - cos where they are of one class, max(0, cos - margin) where they are not, as PyTorch's <c>CosineEmbeddingLoss</c>;
/// the mean over all pairs, each by the product of its rows' weights. A batch needs several rows of a class, see <see cref="ClassesPerBatch"/>.
/// </summary>
[ConfigName("cosine-embedding")]
public sealed record CosineEmbedding : LossConfig
{
    /// <summary>Gets the cosine that rows of two classes may have.</summary>
    /// <value>In [-1, 1]. The default is 0; up to 0.5 is usual.</value>
    [Range(-1.0, 1.0)]
    public double Margin { get; init; }

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Identity;

    /// <inheritdoc/>
    public override Sampling? UsualSampling => new ClassesPerBatch();

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new PairLoss(isNormalized: true, EmbeddingDistance.Cosine, (distances, same) =>
        where(same, distances, (1 - distances - Margin).clamp_min(0)));
}
