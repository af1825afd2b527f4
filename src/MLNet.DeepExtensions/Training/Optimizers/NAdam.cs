using System.ComponentModel.DataAnnotations;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Adam with Nesterov's look ahead (Dozat 2016): <c>torch.optim.NAdam</c>.</summary>
[ConfigName("nadam")]
public sealed record NAdam : AdamConfig
{
    /// <inheritdoc/>
    /// <value>Between 0 and 100. The default is 0.002.</value>
    public override double LearningRate { get; init; } = 0.002;

    /// <summary>Gets how fast the momentum reaches its full size.</summary>
    /// <value>Between 0 and 1. The default is 0.004.</value>
    [Range(0.0, 1.0)]
    public double MomentumDecay { get; init; } = 4e-3;

    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) => new Rule(parameters, this);

    private sealed class Rule(IReadOnlyList<(string Name, Parameter Parameter)> parameters, NAdam options)
        : ElementwiseOptimizer(parameters, options.LearningRate, nameof(NAdam), "exp_avg", "exp_avg_sq")
    {
        private readonly List<double> products = [1];

        protected override bool CountsSteps => true;

        private double Momentum(long step) => options.Beta1 * (1 - 0.5 * Math.Pow(0.96, step * options.MomentumDecay));

        // of the step's number alone, so that a resumed run goes on with the same bits
        private double MomentumsUpTo(long step)
        {
            while (products.Count <= step)
                products.Add(products[^1] * Momentum(products.Count));
            return products[(int)step];
        }

        protected override void StepPlain(Tensor parameter, Tensor gradient, Tensor[] state, long step)
        {
            using var scope = NewDisposeScope();
            if (options.WeightDecay != 0)
                gradient = gradient.add(parameter, alpha: options.WeightDecay);
            var (average, square) = (state[0], state[1]);
            average.mul_(options.Beta1).add_(gradient, alpha: 1 - options.Beta1);
            square.mul_(options.Beta2).addcmul_(gradient, gradient, value: 1 - options.Beta2);
            var (now, next, soFar) = (Momentum(step), Momentum(step + 1), MomentumsUpTo(step));
            var denominator = square.div(1 - Math.Pow(options.Beta2, step)).sqrt_().add_(options.Epsilon);
            parameter.addcdiv_(gradient, denominator, value: -LearningRate * (1 - now) / (1 - soFar));
            parameter.addcdiv_(average, denominator, value: -LearningRate * next / (1 - soFar * next));
        }
    }
}
