using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>How far apart two embeddings are.</summary>
public enum EmbeddingDistance
{
    /// <summary>The length of the difference. Between vectors of length 1 it is at most 2.</summary>
    Euclidean,

    /// <summary>The squared length of the difference (Schroff et al. 2015). Between vectors of length 1 it is at most 4.</summary>
    SquaredEuclidean,

    /// <summary>1 less the cosine of the angle: half of the squared distance of vectors of length 1.</summary>
    Cosine,
}

/// <summary>The pairs of a batch.</summary>
internal static class EmbeddingPairs
{
    /// <summary>The distance of each row to each.</summary>
    /// <param name="output">[N, size].</param>
    /// <param name="distance">Which.</param>
    /// <param name="isNormalized">Whether rows are brought to length 1 first, as scoring gives them.</param>
    /// <returns>[N, N].</returns>
    public static Tensor Distances(Tensor output, EmbeddingDistance distance, bool isNormalized)
    {
        var z = isNormalized || distance == EmbeddingDistance.Cosine ? F.normalize(output, dim: 1) : output;
        if (distance == EmbeddingDistance.Cosine)
            return 1 - z.mm(z.t());
        // not by a product of matrices: its rounding makes something of nothing between equal rows, and the gradient of a root makes much of it
        var euclidean = cdist(z, z, 2, compute_mode.donot_use_mm_for_euclid_dist);
        return distance == EmbeddingDistance.Euclidean ? euclidean : euclidean.pow(2);
    }

    /// <summary>Which rows are of one class with which others, and which of another. A row that weighs nothing is nobody's partner.</summary>
    /// <param name="target">Class indices [N].</param>
    /// <param name="weight">[N]; null counts all alike.</param>
    /// <returns>Two [N, N] of Boolean.</returns>
    public static (Tensor Positive, Tensor Negative) Masks(Tensor target, Tensor? weight)
    {
        var same = target.unsqueeze(1).eq(target.unsqueeze(0));
        var self = eye(target.shape[0], dtype: ScalarType.Bool, device: target.device);
        var (positive, negative) = (same.logical_and(self.logical_not()), same.logical_not());
        if (weight is null)
            return (positive, negative);
        var counts = weight.gt(0).unsqueeze(0);
        return (positive.logical_and(counts), negative.logical_and(counts));
    }

    /// <summary>A mean of terms by weight.</summary>
    public static LossValue Mean(Tensor terms, Tensor weights)
    {
        var normalizer = weights.sum();
        return new LossValue((terms * weights).sum() / normalizer.clamp_min(RowLoss.SmallestNormal), normalizer);
    }
}
