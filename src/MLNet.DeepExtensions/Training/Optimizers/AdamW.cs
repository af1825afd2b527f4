using TorchSharp.Modules;

namespace MLNet.DeepExtensions;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019), the usual choice for Transformers: <c>torch.optim.AdamW</c>.</summary>
[ConfigName("adamw")]
public sealed record AdamW : AdamConfig
{
    /// <inheritdoc/>
    public override double WeightDecay { get; init; } = 0.01;

    /// <summary>Gets whether the largest average of squares so far divides, not the present one (AMSGrad, Reddi et al. 2018).</summary>
    /// <value>The default is false.</value>
    public bool AmsGrad { get; init; }

    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) =>
        new AdamOptimizer(parameters, LearningRate, new AdamRule(Decoupled: true, Beta1, Beta2, Epsilon, WeightDecay, AmsGrad));
}
