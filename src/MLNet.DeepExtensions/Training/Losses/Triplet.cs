using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Triplets: an anchor is to be nearer to a row of its class than to one of another, by a margin: max(0, d(anchor, positive) - d(anchor, negative) + margin) (Schroff et al. 2015).
/// They are made of each batch's rows; a batch needs several rows of a class, see <see cref="ClassesPerBatch"/>. A row's weight is its say as an anchor.
/// </summary>
[ConfigName("triplet")]
public sealed record Triplet : LossConfig
{
    /// <summary>Gets by how much the negative is to be farther away.</summary>
    /// <value>At least 0, in the unit of <see cref="Distance"/>. The default is 0.2.</value>
    [Range(0.0, 1e6)]
    public double Margin { get; init; } = 0.2;

    /// <summary>Gets which triplets of a batch count.</summary>
    /// <value>The default is <see cref="TripletMining.BatchHard"/>.</value>
    [EnumDataType(typeof(TripletMining))]
    public TripletMining Mining { get; init; }

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
    public override Loss Build(int outputs, Device device) => new Built(this);

    internal static Tensor Hinge(Tensor positive, Tensor negative, double margin) => (positive - negative + margin).clamp_min(0);

    private sealed class Built(Triplet config) : Loss
    {
        // farther than any two rows; infinity would make NaN of gradients that are 0
        private const float Far = 1e9f;

        public override LossValue Compute(Tensor output, Tensor target, Tensor? weight)
        {
            var distances = EmbeddingPairs.Distances(output, config.Distance, config.Normalized);           // [N, N]
            var (positive, negative) = EmbeddingPairs.Masks(target, weight);
            weight ??= ones_like(target, dtype: ScalarType.Float32);
            return config.Mining == TripletMining.BatchHard ? Hardest(distances, positive, negative, weight) : OfPairs(distances, positive, negative, weight);
        }

        // one triplet for each anchor that has both
        private LossValue Hardest(Tensor distances, Tensor positive, Tensor negative, Tensor weight)
        {
            var farthest = distances.masked_fill(positive.logical_not(), -1).max(1).values;                // [N]
            var nearest = distances.masked_fill(negative.logical_not(), Far).min(1).values;
            var isWhole = positive.any(1).logical_and(negative.any(1));
            return EmbeddingPairs.Mean(Hinge(farthest, nearest, config.Margin), weight * isWhole);
        }

        // one or all for each pair of anchor and positive
        private LossValue OfPairs(Tensor distances, Tensor positive, Tensor negative, Tensor weight)
        {
            var pairs = positive.nonzero();                                                                 // [pairs, 2]
            var (anchor, partner) = (pairs.select(1, 0), pairs.select(1, 1));
            var own = distances.index_select(0, anchor).gather(1, partner.unsqueeze(1));                    // [pairs, 1]
            var (others, isOther) = (distances.index_select(0, anchor), negative.index_select(0, anchor));  // [pairs, N]
            weight = weight.index_select(0, anchor);
            if (config.Mining == TripletMining.BatchAll)
            {
                var terms = Hinge(own, others, config.Margin);
                // those that are right already would thin out the rest (Hermans et al. 2017)
                return EmbeddingPairs.Mean(terms, terms.gt(0).logical_and(isOther) * weight.unsqueeze(1));
            }
            var isFarther = isOther.logical_and(others.gt(own));
            var nearest = others.masked_fill(isFarther.logical_not(), Far).min(1).values;
            var farthest = others.masked_fill(isOther.logical_not(), -1).max(1).values;
            var chosen = where(isFarther.any(1), nearest, farthest);                                        // [pairs]
            return EmbeddingPairs.Mean(Hinge(own.squeeze(1), chosen, config.Margin), weight * isOther.any(1));
        }
    }
}

/// <summary>Which triplets of a batch count.</summary>
public enum TripletMining
{
    /// <summary>For each anchor the farthest row of its class and the nearest of another (Hermans et al. 2017); the mean over anchors.</summary>
    BatchHard,

    /// <summary>
    /// For each anchor and row of its class the nearest negative that is farther away than it (Schroff et al. 2015), and where there is none the farthest one; the mean over these pairs.
    /// Gentler than the hardest, which may be mislabelled or make early training collapse.
    /// </summary>
    SemiHard,

    /// <summary>All of them; the mean over those that are not right yet. It takes memory for rows² times the rows of a class.</summary>
    BatchAll,
}
