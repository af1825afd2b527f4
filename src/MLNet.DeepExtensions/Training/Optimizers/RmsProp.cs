using System.ComponentModel.DataAnnotations;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Gradients divided by a running root of their mean square (Tieleman and Hinton 2012): <c>torch.optim.RMSprop</c>.</summary>
[ConfigName("rmsprop")]
public sealed record RmsProp : OptimizerConfig
{
    /// <inheritdoc/>
    /// <value>Between 0 and 100. The default is 0.01.</value>
    public override double LearningRate { get; init; } = 1e-2;

    /// <summary>Gets how slowly the running mean of the squared gradients forgets.</summary>
    /// <value>From 0 to below 1. The default is 0.99.</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Alpha { get; init; } = 0.99;

    /// <summary>Gets what is added to the divisor, so that small gradients do not blow up.</summary>
    /// <value>Between 0 and 1. The default is 1e-8.</value>
    [Range(0.0, 1.0)]
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Gets how much of the last update the next one keeps.</summary>
    /// <value>Between 0 and 1. The default is 0.</value>
    [Range(0.0, 1.0)]
    public double Momentum { get; init; }

    /// <summary>Gets whether the variance of the gradients divides, not their mean square.</summary>
    /// <value>The default is false.</value>
    public bool Centered { get; init; }

    /// <summary>Gets the L2 penalty: this many times the weight joins its gradient.</summary>
    /// <value>Between 0 and 100. The default is 0.</value>
    [Range(0.0, 100.0)]
    public double WeightDecay { get; init; }

    /// <inheritdoc/>
    protected override OptimizerConfig WithWeightDecay(double weightDecay) => this with { WeightDecay = weightDecay };

    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) => new Rule(parameters, this);

    private sealed class Rule(IReadOnlyList<(string Name, Parameter Parameter)> parameters, RmsProp options) : ElementwiseOptimizer(parameters, options.LearningRate, nameof(RmsProp),
        ["square_avg", .. options.Momentum > 0 ? new[] { "momentum_buffer" } : [], .. options.Centered ? new[] { "grad_avg" } : []])
    {
        protected override bool CountsSteps => false;

        protected override void StepPlain(Tensor parameter, Tensor gradient, Tensor[] state, long step)
        {
            using var scope = NewDisposeScope();
            if (options.WeightDecay != 0)
                gradient = gradient.add(parameter, alpha: options.WeightDecay);
            var square = state[0].mul_(options.Alpha).addcmul_(gradient, gradient, value: 1 - options.Alpha);
            var divisor = options.Centered
                ? square.addcmul(state[^1].mul_(options.Alpha).add_(gradient, alpha: 1 - options.Alpha), state[^1], value: -1).sqrt_().add_(options.Epsilon)
                : square.sqrt().add_(options.Epsilon);
            if (options.Momentum > 0)
                parameter.add_(state[1].mul_(options.Momentum).addcdiv_(gradient, divisor, value: 1), alpha: -LearningRate);
            else
                parameter.addcdiv_(gradient, divisor, value: -LearningRate);
        }
    }
}
