using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>What Adam and its relatives have in common: running averages of the gradient and of its square.</summary>
public abstract record AdamConfig : OptimizerConfig
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

    /// <summary>Gets the weight decay: an L2 penalty, of which this many times the weight joins its gradient; with <see cref="AdamW"/>, each step shrinks a weight by this times the learning rate.</summary>
    /// <value>Between 0 and 100. The default is 0; 0.01 with <see cref="AdamW"/>.</value>
    [Range(0.0, 100.0)]
    public virtual double WeightDecay { get; init; }

    /// <inheritdoc/>
    protected override OptimizerConfig WithWeightDecay(double weightDecay) => this with { WeightDecay = weightDecay };
}
