using System.ComponentModel.DataAnnotations;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Steps in the units of the weights: gradients times the ratio of running means of squared updates and squared gradients (Zeiler 2012): <c>torch.optim.Adadelta</c>.</summary>
[ConfigName("adadelta")]
public sealed record Adadelta : OptimizerConfig
{
    /// <inheritdoc/>
    /// <value>Between 0 and 100. The default is 1.</value>
    public override double LearningRate { get; init; } = 1;

    /// <summary>Gets how slowly the running means forget.</summary>
    /// <value>From 0 to below 1. The default is 0.9.</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Rho { get; init; } = 0.9;

    /// <summary>Gets what is added under both roots.</summary>
    /// <value>Between 0 and 1. The default is 1e-6.</value>
    [Range(0.0, 1.0)]
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>Gets the L2 penalty: this many times the weight joins its gradient.</summary>
    /// <value>Between 0 and 100. The default is 0.</value>
    [Range(0.0, 100.0)]
    public double WeightDecay { get; init; }

    /// <inheritdoc/>
    protected override OptimizerConfig WithWeightDecay(double weightDecay) => this with { WeightDecay = weightDecay };

    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) => new Rule(parameters, this);

    private sealed class Rule(IReadOnlyList<(string Name, Parameter Parameter)> parameters, Adadelta options)
        : ElementwiseOptimizer(parameters, options.LearningRate, nameof(Adadelta), "square_avg", "acc_delta")
    {
        protected override bool CountsSteps => false;

        protected override void StepPlain(Tensor parameter, Tensor gradient, Tensor[] state, long step)
        {
            using var scope = NewDisposeScope();
            if (options.WeightDecay != 0)
                gradient = gradient.add(parameter, alpha: options.WeightDecay);
            var (square, updates) = (state[0], state[1]);
            square.mul_(options.Rho).addcmul_(gradient, gradient, value: 1 - options.Rho);
            var update = updates.add(options.Epsilon).sqrt_().div_(square.add(options.Epsilon).sqrt_()).mul_(gradient);
            updates.mul_(options.Rho).addcmul_(update, update, value: 1 - options.Rho);
            parameter.add_(update, alpha: -LearningRate);
        }
    }
}
