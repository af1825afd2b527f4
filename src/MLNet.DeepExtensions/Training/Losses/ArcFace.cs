using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>
/// A direction is learnt for each class, and cross-entropy of scale · cos(angle) asks a row to be nearer to its own by an angle as margin (Deng et al. 2019, equation 3).
/// The directions belong to the loss: the optimizer trains them as <c>loss.weight</c>, checkpoints keep them, the model does without.
/// Rows of classes that the training set does not have, as a validation set may hold, do not count.
/// </summary>
[ConfigName("arc-face")]
public sealed record ArcFace : LossConfig
{
    /// <summary>Gets the angle by which a row is to be nearer to its own class.</summary>
    /// <value>Radians, in [0, 1.5]. The default is 0.5, the paper's.</value>
    [Range(0.0, 1.5)]
    public double Margin { get; init; } = 0.5;

    /// <summary>Gets what cosines are multiplied by before softmax.</summary>
    /// <value>Above 0. The default is 30; the paper takes 64 for tens of thousands of classes.</value>
    [Range(0.0, 1e4, MinimumIsExclusive = true)]
    public double Scale { get; init; } = 30;

    /// <summary>Gets the number of classes.</summary>
    /// <value>At least 1. The default, null, is that of the training set's label.</value>
    [Range(1, 1 << 24)]
    public int? Classes { get; init; }

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Identity;

    /// <inheritdoc/>
    public override LossConfig ForClasses(int classes) => this with { Classes = Classes ?? classes };

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new Built(this, outputs, device,
        Classes ?? throw new ArgumentException("ArcFace needs the number of classes: set Classes, or train with mlContext.Transforms.DeepEmbedding, which sets it."));

    private sealed class Built : Loss
    {
        private readonly ArcFace config;
        private readonly int classes;
        private readonly Linear directions;

        public Built(ArcFace config, int outputs, Device device, int classes)
        {
            (this.config, this.classes) = (config, classes);
            // drawn on the CPU, so that a seed gives the same directions on every device
            directions = nn.Linear(outputs, classes, hasBias: false).to(device);
            directions.weight!.DetachFromDisposeScope();
        }

        public override IReadOnlyList<(string Name, Parameter Parameter)> Parameters => [("weight", directions.weight!)];

        public override LossValue Compute(Tensor output, Tensor target, Tensor? weight)
        {
            var isKnown = target.lt(classes);                                                               // [N]
            var known = target.clamp(0, classes - 1);
            var cosines = F.normalize(output, dim: 1).mm(F.normalize(directions.weight!, dim: 1).t());             // [N, classes]
            var own = cosines.gather(1, known.unsqueeze(1));                                                // [N, 1]
            var logits = config.Scale * cosines.scatter(1, known.unsqueeze(1), WithMargin(own));
            var perRow = F.cross_entropy(logits, known, reduction: nn.Reduction.None);                      // [N]
            return EmbeddingPairs.Mean(perRow, weight is null ? isKnown.to(ScalarType.Float32) : weight * isKnown);
        }

        public override void Dispose()
        {
            directions.Dispose();
            base.Dispose();
        }

        // cos(angle + margin), and beyond π - margin, where that would rise again, a line of the same slope: the authors' own code
        private Tensor WithMargin(Tensor cosine)
        {
            var (cos, sin) = (Math.Cos(config.Margin), Math.Sin(config.Margin));
            var sine = (1 - cosine.pow(2)).clamp_min(1e-12).sqrt();
            return where(cosine.gt(-cos), cosine * cos - sine * sin, cosine - sin * config.Margin);
        }
    }
}
