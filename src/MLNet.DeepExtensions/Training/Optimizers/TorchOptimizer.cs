using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A config for one run: the delegate cannot be written to a file.</summary>
internal sealed record TorchOptimizerConfig(Func<IReadOnlyList<(string Name, Parameter Parameter)>, double, optim.Optimizer> Make) : OptimizerConfig
{
    public override double LearningRate { get; init; }

    protected override Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters)
    {
        var inner = Make(parameters, LearningRate) ?? throw new ArgumentException($"The function given to {nameof(OptimizerConfig)}.{nameof(From)} returned null. Return an optimizer such as torch.optim.RMSProp(parameters, rate).");
        if (inner is OptimizerHelper helper)
            return new TorchOptimizer(helper, parameters, LearningRate);
        inner.Dispose();
        throw new ArgumentException($"{inner.GetType().Name} needs the loss computed again within a step, which a training loop does not do. " +
            "Use an optimizer that derives from TorchSharp.Modules.OptimizerHelper, such as torch.optim.RMSProp.");
    }
}

/// <summary>One of TorchSharp's optimizers behind our contract.</summary>
internal sealed class TorchOptimizer : Optimizer
{
    // TorchSharp gives no names to what it saves: the whole is one tensor of bytes
    private const string StateName = "torchsharp";

    private readonly OptimizerHelper inner;
    private readonly (optim.ILearningRateController Group, double Factor)[] groups;

    public TorchOptimizer(OptimizerHelper inner, IReadOnlyList<(string Name, Parameter Parameter)> parameters, double learningRate)
        : base(parameters, learningRate)
    {
        this.inner = inner;
        // groups keep the proportions of their rates while a schedule moves ours
        groups = [.. inner.ParamGroups.Select(group => (group, learningRate > 0 ? group.LearningRate / learningRate : 1))];
    }

    public override void Step()
    {
        foreach (var (group, factor) in groups)
            group.LearningRate = LearningRate * factor;
        inner.step()?.Dispose();
    }

    public override IReadOnlyDictionary<string, Tensor> CopyState()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
            inner.save_state_dict(writer);
        return new Dictionary<string, Tensor> { [StateName] = tensor(stream.ToArray(), ScalarType.Byte, CPU) };
    }

    public override void LoadState(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Count != 1 || !state.TryGetValue(StateName, out var saved) || saved.dtype != ScalarType.Byte)
            throw new ArgumentException($"The state of {inner.GetType().Name} is one tensor of bytes named '{StateName}', but this one holds {string.Join(", ", state.Keys.Take(5))}. " +
                "Build the optimizer that the state was copied from.", nameof(state));
        using var onCpu = saved.cpu();
        using var reader = new BinaryReader(new MemoryStream(onCpu.bytes.ToArray()));
        try
        {
            inner.load_state_dict(reader);
        }
        catch (Exception e) when (e is IOException or ArgumentException or FormatException or InvalidDataException)
        {
            throw new ArgumentException($"The state cannot be loaded into {inner.GetType().Name}: {e.Message} It must come from the same optimizer with the same parameters.", nameof(state), e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
    }
}
