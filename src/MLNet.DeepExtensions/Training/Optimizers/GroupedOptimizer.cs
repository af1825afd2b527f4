using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>One optimizer for each group of parameters, moving together.</summary>
internal sealed class GroupedOptimizer(IReadOnlyList<(string Name, Parameter Parameter)> parameters, double learningRate, IReadOnlyList<(Optimizer Optimizer, double Factor)> groups)
    : Optimizer(parameters, learningRate)
{
    internal override string? Slowdown => groups.Select(group => group.Optimizer.Slowdown).FirstOrDefault(text => text is not null);

    public override void Step()
    {
        foreach (var (optimizer, factor) in groups)
        {
            optimizer.LearningRate = LearningRate * factor;
            optimizer.Step();
        }
    }

    public override IReadOnlyDictionary<string, Tensor> CopyState() => groups.SelectMany(group => group.Optimizer.CopyState()).ToDictionary(StringComparer.Ordinal);

    // what the state of a parameter is named begins with the parameter's name; what fits none goes to the first, which refuses it by name
    public override void LoadState(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var owners = groups.SelectMany((group, i) => group.Optimizer.Parameters.Select(parameter => (parameter.Name, i))).ToDictionary(StringComparer.Ordinal);
        var shares = state.ToLookup(entry => owners.GetValueOrDefault(entry.Key[..Math.Max(0, entry.Key.LastIndexOf('/'))]));
        for (var i = 0; i < groups.Count; i++)
            groups[i].Optimizer.LoadState(shares[i].ToDictionary(StringComparer.Ordinal));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (var (optimizer, _) in groups)
                optimizer.Dispose();
    }
}
