using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Adam whose steps are rectified while there are few gradients to average (Liu et al. 2020): <c>torch.optim.RAdam</c>.</summary>
[ConfigName("radam")]
public sealed record RAdam : AdamConfig
{
    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) => new Rule(parameters, this);

    private sealed class Rule(IReadOnlyList<(string Name, Parameter Parameter)> parameters, RAdam options)
        : ElementwiseOptimizer(parameters, options.LearningRate, nameof(RAdam), "exp_avg", "exp_avg_sq")
    {
        protected override bool CountsSteps => true;

        protected override void StepPlain(Tensor parameter, Tensor gradient, Tensor[] state, long step)
        {
            using var scope = NewDisposeScope();
            if (options.WeightDecay != 0)
                gradient = gradient.add(parameter, alpha: options.WeightDecay);
            var (average, square) = (state[0], state[1]);
            average.mul_(options.Beta1).add_(gradient, alpha: 1 - options.Beta1);
            square.mul_(options.Beta2).addcmul_(gradient, gradient, value: 1 - options.Beta2);
            var (correction1, correction2) = (1 - Math.Pow(options.Beta1, step), 1 - Math.Pow(options.Beta2, step));
            // the length of the simple average that is as good as ours: in the limit, and now
            var longest = 2 / (1 - options.Beta2) - 1;
            var length = longest - 2 * step * Math.Pow(options.Beta2, step) / correction2;
            if (length <= 5)
            {
                parameter.add_(average, alpha: -LearningRate / correction1);
                return;
            }
            var rectification = Math.Sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
            parameter.addcdiv_(average, square.sqrt().add_(options.Epsilon), value: -LearningRate / correction1 * rectification * Math.Sqrt(correction2));
        }
    }
}
