using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>What Adam and AdamW share, which is all but where the weight decay goes.</summary>
internal sealed class AdamOptimizer : ElementwiseOptimizer
{
    private readonly AdamRule rule;
    private readonly StepCounters counters = new();

    public AdamOptimizer(IReadOnlyList<(string Name, Parameter Parameter)> parameters, double learningRate, AdamRule rule)
        : base(parameters, learningRate, rule.Decoupled ? nameof(AdamW) : nameof(Adam), rule.AmsGrad ? ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"] : ["exp_avg", "exp_avg_sq"]) =>
        this.rule = rule;

    protected override bool? HasKernel => rule.Decoupled ? Kernels.HasAdamW : Kernels.HasAdam;

    protected override bool CountsSteps => true;

    protected override void StepFused(Batch batch, long step) => Kernels.Adam(rule.Decoupled, batch.Parameters, batch.Gradients, batch.State(0), batch.State(1), batch.State(2),
        counters.Of(batch, step), LearningRate, rule.Beta1, rule.Beta2, rule.WeightDecay, rule.Epsilon, rule.AmsGrad);

    protected override void StepPlain(Tensor parameter, Tensor gradient, Tensor[] state, long step)
    {
        using var scope = NewDisposeScope();
        if (rule.Decoupled)
            parameter.mul_(1 - LearningRate * rule.WeightDecay);
        else if (rule.WeightDecay != 0)
            gradient = gradient.add(parameter, alpha: rule.WeightDecay);
        var (average, square) = (state[0], state[1]);
        average.mul_(rule.Beta1).add_(gradient, alpha: 1 - rule.Beta1);
        square.mul_(rule.Beta2).addcmul_(gradient, gradient, value: 1 - rule.Beta2);
        if (rule.AmsGrad)
            square = state[2].copy_(maximum(state[2], square));
        var denominator = square.sqrt().div_(Math.Sqrt(1 - Math.Pow(rule.Beta2, step))).add_(rule.Epsilon);
        parameter.addcdiv_(average, denominator, value: -LearningRate / (1 - Math.Pow(rule.Beta1, step)));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            counters.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>The numbers of <see cref="Adam"/> or, where weight decay shrinks the weights instead of joining the gradient, <see cref="AdamW"/>.</summary>
internal readonly record struct AdamRule(bool Decoupled, double Beta1, double Beta2, double Epsilon, double WeightDecay, bool AmsGrad);
