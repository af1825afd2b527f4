using System.ComponentModel.DataAnnotations;
using TorchSharp.Modules;

namespace MLNet.DeepExtensions;

/// <summary>Adam (Kingma and Ba 2015): steps scaled by running averages of the gradient and its square. <c>torch.optim.Adam</c>.</summary>
[ConfigName("adam")]
public sealed record Adam : OptimizerConfig
{
    /// <inheritdoc/>
    /// <value>Between 0 and 100. The default is 0.001.</value>
    public override double LearningRate { get; init; } = 1e-3;

    /// <summary>Gets how slowly the running average of the gradients forgets.</summary>
    /// <value>From 0 to below 1. The default is 0.9.</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Gets how slowly the running average of the squared gradients forgets.</summary>
    /// <value>From 0 to below 1. The default is 0.999.</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Gets what is added to the divisor, so that small gradients do not blow up.</summary>
    /// <value>Between 0 and 1. The default is 1e-8.</value>
    [Range(0.0, 1.0)]
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Gets the L2 penalty: this many times the weight joins its gradient. <see cref="AdamW"/> has the form that is usually better.</summary>
    /// <value>Between 0 and 100. The default is 0.</value>
    [Range(0.0, 100.0)]
    public double WeightDecay { get; init; }

    /// <summary>Gets whether the largest average of squares so far divides, not the present one (AMSGrad, Reddi et al. 2018).</summary>
    /// <value>The default is false.</value>
    public bool AmsGrad { get; init; }

    /// <inheritdoc/>
    protected override OptimizerConfig WithWeightDecay(double weightDecay) => this with { WeightDecay = weightDecay };

    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) =>
        new AdamOptimizer(parameters, LearningRate, new AdamRule(Decoupled: false, Beta1, Beta2, Epsilon, WeightDecay, AmsGrad));
}
