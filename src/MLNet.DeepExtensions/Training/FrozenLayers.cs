using TorchSharp.Modules;
using Module = TorchSharp.torch.nn.Module;

namespace MLNet.DeepExtensions;

/// <summary>
/// The parameters that training leaves as they are: they get no gradient, which also saves the computing, and no optimizer state.
/// Batch norm whose parameters are frozen stays in evaluation mode: its running mean and variance do not move either.
/// </summary>
internal sealed class FrozenLayers
{
    private readonly Module module;
    private readonly List<Module> norms = [];

    public FrozenLayers(Module module, IReadOnlyList<string> patterns)
    {
        this.module = module;
        if (patterns.Count == 0)
            return;
        var parameters = module.named_parameters().ToList();
        var frozen = NamePattern.Check(patterns, parameters.Select(parameter => parameter.name), "Freeze");
        foreach (var (name, parameter) in parameters)
            if (frozen.Any(pattern => pattern.Matches(name)))
                parameter.requires_grad = false;
        if (parameters.All(parameter => !parameter.parameter.requires_grad))
            throw new ArgumentException($"Freeze = [{string.Join(", ", patterns)}] leaves nothing to train. Leave the last layer out of it.", "options");
        FindNorms();
    }

    public bool Any => norms.Count > 0 || module.named_parameters().Any(parameter => !parameter.parameter.requires_grad);

    /// <summary>Trains the named parameters from now on.</summary>
    public void Release(IReadOnlyList<string> patterns)
    {
        var parameters = module.named_parameters().ToList();
        var released = NamePattern.Check(patterns, parameters.Select(parameter => parameter.name), nameof(Release));
        foreach (var (name, parameter) in parameters)
            if (released.Any(pattern => pattern.Matches(name)))
                parameter.requires_grad = true;
        FindNorms();
    }

    /// <summary>Looks again at what is frozen, when parameters were released one by one.</summary>
    public void Renew() => FindNorms();

    /// <summary>Undoes for frozen batch norm what <c>train()</c> did.</summary>
    public void Rest()
    {
        foreach (var norm in norms)
            norm.eval();
    }

    private void FindNorms()
    {
        norms.Clear();
        norms.AddRange(module.modules().Where(part => part is BatchNorm1d or BatchNorm2d or BatchNorm3d && IsFrozen(part)));
    }

    /// <summary>Whether a layer has parameters, and none that is trained.</summary>
    public static bool IsFrozen(Module layer) => layer.parameters().Any() && layer.parameters().All(parameter => !parameter.requires_grad);
}
