using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Makes gradients that are too large smaller before a step (Pascanu et al. 2013), as PyTorch's <c>clip_grad_norm_</c> and <c>clip_grad_value_</c>. It waits for no device.</summary>
/// <param name="Norm">The largest norm of all gradients together; null for no bound.</param>
/// <param name="Value">The largest size of each number, applied first; null for no bound.</param>
internal sealed record GradientClipping(double? Norm, double? Value)
{
    public void Apply(IEnumerable<Parameter> parameters)
    {
        if (Norm is null && Value is null)
            return;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var gradients = parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToList();
        if (Value is { } value)
            foreach (var gradient in gradients)
                gradient.clamp_(-value, value);
        if (Norm is not { } norm || gradients.Count == 0)
            return;
        var total = stack([.. gradients.Select(gradient => gradient.norm().to(gradients[0].device))]).norm();
        var factor = (norm / (total + 1e-6)).clamp_max(1);
        foreach (var gradient in gradients)
            gradient.mul_(factor.to(gradient.device));
    }
}
