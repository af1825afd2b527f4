using System.ComponentModel.DataAnnotations;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Stochastic gradient descent, with momentum if asked for: <c>torch.optim.SGD</c>.</summary>
[ConfigName("sgd")]
public sealed record Sgd : OptimizerConfig, IValidatableObject
{
    /// <inheritdoc/>
    /// <value>Between 0 and 100. The default is 0.001.</value>
    public override double LearningRate { get; init; } = 1e-3;

    /// <summary>Gets how much of the last update the next one keeps.</summary>
    /// <value>Between 0 and 1; 0 keeps nothing. The default is 0, a usual choice 0.9.</value>
    [Range(0.0, 1.0)]
    public double Momentum { get; init; }

    /// <summary>Gets how much smaller a gradient enters the momentum, from its second step on.</summary>
    /// <value>Between 0 and 1. The default is 0.</value>
    [Range(0.0, 1.0)]
    public double Dampening { get; init; }

    /// <summary>Gets whether the step looks ahead along the momentum (Sutskever et al. 2013). It needs a momentum and no dampening.</summary>
    /// <value>The default is false.</value>
    public bool Nesterov { get; init; }

    /// <summary>Gets the L2 penalty: this many times the weight joins its gradient.</summary>
    /// <value>Between 0 and 100. The default is 0.</value>
    [Range(0.0, 100.0)]
    public double WeightDecay { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Nesterov && (Momentum == 0 || Dampening != 0))
            yield return new ValidationResult($"{nameof(Nesterov)} needs {nameof(Momentum)} above 0 and {nameof(Dampening)} 0. Set {nameof(Momentum)} = 0.9, or leave {nameof(Nesterov)} out.");
    }

    /// <inheritdoc/>
    protected override OptimizerConfig WithWeightDecay(double weightDecay) => this with { WeightDecay = weightDecay };

    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) => new SgdOptimizer(parameters, this);

    private sealed class SgdOptimizer(IReadOnlyList<(string Name, Parameter Parameter)> parameters, Sgd options)
        : ElementwiseOptimizer(parameters, options.LearningRate, nameof(Sgd), options.Momentum == 0 ? [] : ["momentum_buffer"])
    {
        protected override bool? HasKernel => Kernels.HasSgd;

        protected override bool CountsSteps => false;

        protected override bool TakesSparseGradients => true;

        protected override void StepFused(Batch batch, long step) => Kernels.Sgd(batch.Parameters, batch.Gradients, batch.State(0),
            options.WeightDecay, options.Momentum, LearningRate, options.Dampening, options.Nesterov, isFirstStep: step == 1);

        protected override void StepPlain(Tensor parameter, Tensor gradient, Tensor[] state, long step)
        {
            using var scope = NewDisposeScope();
            if (options.WeightDecay != 0)
                gradient = gradient.add(parameter, alpha: options.WeightDecay);
            if (options.Momentum != 0)
            {
                var buffer = state[0];
                if (step == 1)
                    buffer.copy_(gradient);
                else
                    buffer.mul_(options.Momentum).add_(gradient, alpha: 1 - options.Dampening);
                gradient = options.Nesterov ? gradient.add(buffer, alpha: options.Momentum) : buffer;
            }
            parameter.add_(gradient, alpha: -LearningRate);
        }
    }
}
