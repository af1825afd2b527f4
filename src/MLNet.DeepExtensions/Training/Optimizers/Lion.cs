using System.ComponentModel.DataAnnotations;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Steps of one size in the direction of an interpolated momentum's sign, with decoupled weight decay (Chen et al. 2023, "Symbolic discovery of optimization algorithms").</summary>
[ConfigName("lion")]
public sealed record Lion : OptimizerConfig
{
    /// <inheritdoc/>
    /// <value>Between 0 and 100. The default is 0.0001: three to ten times less than with <see cref="AdamW"/>.</value>
    public override double LearningRate { get; init; } = 1e-4;

    /// <summary>Gets how much of the momentum enters the direction of a step; the rest is the gradient.</summary>
    /// <value>From 0 to below 1. The default is 0.9.</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Gets how slowly the momentum forgets.</summary>
    /// <value>From 0 to below 1. The default is 0.99.</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Gets the weight decay: each step shrinks a weight by this times the learning rate.</summary>
    /// <value>Between 0 and 100. The default is 0; three to ten times more than with <see cref="AdamW"/>.</value>
    [Range(0.0, 100.0)]
    public double WeightDecay { get; init; }

    /// <inheritdoc/>
    protected override OptimizerConfig WithWeightDecay(double weightDecay) => this with { WeightDecay = weightDecay };

    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) => new Rule(parameters, this);

    private sealed class Rule(IReadOnlyList<(string Name, Parameter Parameter)> parameters, Lion options)
        : ElementwiseOptimizer(parameters, options.LearningRate, nameof(Lion), "exp_avg")
    {
        protected override bool CountsSteps => false;

        protected override void StepPlain(Tensor parameter, Tensor gradient, Tensor[] state, long step)
        {
            using var scope = NewDisposeScope();
            if (options.WeightDecay != 0)
                parameter.mul_(1 - LearningRate * options.WeightDecay);
            var direction = state[0].mul(options.Beta1).add_(gradient, alpha: 1 - options.Beta1).sign_();
            parameter.add_(direction, alpha: -LearningRate);
            state[0].mul_(options.Beta2).add_(gradient, alpha: 1 - options.Beta2);
        }
    }
}
