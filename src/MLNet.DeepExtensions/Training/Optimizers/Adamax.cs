using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Adam by the largest gradient in place of the mean square (Kingma and Ba 2015, section 7): <c>torch.optim.Adamax</c>.</summary>
[ConfigName("adamax")]
public sealed record Adamax : AdamConfig
{
    /// <inheritdoc/>
    /// <value>Between 0 and 100. The default is 0.002.</value>
    public override double LearningRate { get; init; } = 0.002;

    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) => new Rule(parameters, this);

    private sealed class Rule(IReadOnlyList<(string Name, Parameter Parameter)> parameters, Adamax options)
        : ElementwiseOptimizer(parameters, options.LearningRate, nameof(Adamax), "exp_avg", "exp_inf")
    {
        protected override bool CountsSteps => true;

        protected override void StepPlain(Tensor parameter, Tensor gradient, Tensor[] state, long step)
        {
            using var scope = NewDisposeScope();
            if (options.WeightDecay != 0)
                gradient = gradient.add(parameter, alpha: options.WeightDecay);
            var (average, largest) = (state[0], state[1]);
            average.mul_(options.Beta1).add_(gradient, alpha: 1 - options.Beta1);
            largest.copy_(maximum(largest.mul(options.Beta2), gradient.abs().add_(options.Epsilon)));
            parameter.addcdiv_(average, largest, value: -LearningRate / (1 - Math.Pow(options.Beta1, step)));
        }
    }
}
