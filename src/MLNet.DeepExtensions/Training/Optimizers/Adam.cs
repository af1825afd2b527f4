using TorchSharp.Modules;

namespace MLNet.DeepExtensions;

/// <summary>Adam (Kingma and Ba 2015): steps scaled by running averages of the gradient and its square. <c>torch.optim.Adam</c>.</summary>
[ConfigName("adam")]
public sealed record Adam : AdamConfig
{
    /// <summary>Gets whether the largest average of squares so far divides, not the present one (AMSGrad, Reddi et al. 2018).</summary>
    /// <value>The default is false.</value>
    public bool AmsGrad { get; init; }

    /// <inheritdoc/>
    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters) =>
        new AdamOptimizer(parameters, LearningRate, new AdamRule(Decoupled: false, Beta1, Beta2, Epsilon, WeightDecay, AmsGrad));
}
