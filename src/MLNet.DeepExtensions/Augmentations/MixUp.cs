using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Lays each picture over its neighbour in the batch, and its target too (Zhang et al. 2018, "mixup: beyond empirical risk minimization"): torchvision's <c>MixUp</c>.
/// The share is drawn for each batch from Beta(alpha, alpha).
/// </summary>
/// <param name="Alpha">Small: almost one of the two; 1: any share is as likely. Above 0; the default is 1.</param>
[ConfigName("mixup")]
public sealed record MixUp([property: Range(1e-3, 1e3)] double Alpha = 1) : Augmentation
{
    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var share = random.Beta(Alpha);
        return new MixedTargets(pictures => pictures.lerp(pictures.roll(1, 0), full(1, 1 - share, dtype: ScalarType.Float32, device: pictures.device)), share);
    }
}
