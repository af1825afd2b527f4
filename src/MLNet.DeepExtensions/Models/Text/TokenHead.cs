using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Says which token stands at a step: one more layer and norm, then the product with each token's own vector, and a bias (Devlin et al. 2018).</summary>
internal sealed class TokenHead : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear dense;
    private readonly Module<Tensor, Tensor> activation;
    private readonly LayerNorm norm;
    private readonly Parameter bias;

    public TokenHead(int width, int tokens, Activation activation, Device? device, double epsilon = 1e-5) : base(nameof(TokenHead))
    {
        dense = Linear(width, width, device: device);
        this.activation = activation.Build();
        norm = LayerNorm(width, eps: epsilon, device: device);
        bias = Parameter(zeros(tokens, device: device));
        RegisterComponents();
    }

    public Linear Dense => dense;

    public Module<Tensor, Tensor> Activation => activation;

    public LayerNorm Norm => norm;

    public Parameter Bias => bias;

    /// <param name="hidden">[…, width].</param>
    /// <param name="vectors">[tokens, width].</param>
    /// <returns>[…, tokens].</returns>
    public override Tensor forward(Tensor hidden, Tensor vectors)
    {
        using var scope = NewDisposeScope();
        return functional.linear(norm.call(activation.call(dense.call(hidden))), vectors, bias).MoveToOuterDisposeScope();
    }
}
