using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Gradients divided by the root of the sum of all their squares so far (Duchi et al. 2011), which suits rare features: <c>torch.optim.Adagrad</c>.</summary>
[ConfigName("adagrad")]
public sealed record Adagrad : OptimizerConfig
{
    /// <inheritdoc/>
    /// <value>Between 0 and 100. The default is 0.01.</value>
    public override double LearningRate { get; init; } = 1e-2;

    /// <summary>Gets how fast the learning rate falls: after t steps it is divided by 1 + t times this.</summary>
    /// <value>Between 0 and 100. The default is 0.</value>
    [Range(0.0, 100.0)]
    public double LearningRateDecay { get; init; }

    /// <summary>Gets what the sums begin with.</summary>
    /// <value>Between 0 and 1,000. The default is 0.</value>
    [Range(0.0, 1000.0)]
    public double InitialAccumulator { get; init; }

    /// <summary>Gets what is added to the divisor, so that small gradients do not blow up.</summary>
    /// <value>Between 0 and 1. The default is 1e-10.</value>
    [Range(0.0, 1.0)]
    public double Epsilon { get; init; } = 1e-10;

    /// <summary>Gets the L2 penalty: this many times the weight joins its gradient.</summary>
    /// <value>Between 0 and 100. The default is 0.</value>
    [Range(0.0, 100.0)]
    public double WeightDecay { get; init; }

    /// <inheritdoc/>
    protected override OptimizerConfig WithWeightDecay(double weightDecay) => this with { WeightDecay = weightDecay };

    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) => new Rule(parameters, this);

    private sealed class Rule(IReadOnlyList<(string Name, Parameter Parameter)> parameters, Adagrad options)
        : ElementwiseOptimizer(parameters, options.LearningRate, nameof(Adagrad), "sum")
    {
        private readonly StepCounters counters = new();

        // libtorch's kernel has a form for the CPU alone
        protected override bool? HasKernel => Kernels.HasAdagrad;

        protected override bool CountsSteps => true;

        protected override double InitialState => options.InitialAccumulator;

        protected override bool IsFusedOn(DeviceType device) => device == DeviceType.CPU;

        protected override void StepFused(Batch batch, long step) => Kernels.Adagrad(batch.Parameters, batch.Gradients, batch.State(0), counters.Of(batch, step),
            LearningRate, options.LearningRateDecay, options.WeightDecay, options.Epsilon);

        protected override void StepPlain(Tensor parameter, Tensor gradient, Tensor[] state, long step)
        {
            using var scope = NewDisposeScope();
            if (options.WeightDecay != 0)
                gradient = gradient.add(parameter, alpha: options.WeightDecay);
            state[0].addcmul_(gradient, gradient, value: 1);
            parameter.addcdiv_(gradient, state[0].sqrt().add_(options.Epsilon), value: -LearningRate / (1 + (step - 1) * options.LearningRateDecay));
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                counters.Dispose();
            base.Dispose(disposing);
        }
    }
}
