using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// The negative log-likelihood of a normal distribution whose mean and variance the network gives (Nix and Weigend 1994): ½ (log v + d² / v), as <c>torch.nn.GaussianNLLLoss</c> without the constant term.
/// For each target two outputs: the mean, and a number whose softplus is the variance.
/// </summary>
[ConfigName("gaussian-nll")]
public sealed record GaussianNll : LossConfig
{
    /// <summary>Gets the smallest variance.</summary>
    /// <value>Above 0. The default is 1e-6.</value>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Epsilon { get; init; } = 1e-6;

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Value;

    /// <inheritdoc/>
    internal override OutputForm Form => new() { HasVariance = true };

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new RowLoss((output, target) =>
    {
        var pairs = output.reshape(target.shape[0], target.shape[1], 2);
        return OfVariance(pairs.select(2, 0), target, nn.functional.softplus(pairs.select(2, 1)), Epsilon).mean([1]);
    });

    internal static Tensor OfVariance(Tensor mean, Tensor target, Tensor variance, double epsilon)
    {
        variance = variance.clamp_min(epsilon);
        return 0.5 * (variance.log() + (mean - target).pow(2) / variance);
    }
}
