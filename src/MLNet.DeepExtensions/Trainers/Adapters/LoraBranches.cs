using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>The matrices beside a network's layers while they are trained. They are parts of the layers, <c>….lora_A.weight</c> and <c>….lora_B.weight</c>, so that checkpoints and averages know them.</summary>
internal sealed class LoraBranches : IDisposable
{
    private readonly Lora config;
    private readonly Module network;
    private readonly IReadOnlyList<string> layers;
    private readonly IReadOnlyList<string> alsoTrained;
    private readonly List<Module> matrices = [];

    private LoraBranches(Lora config, Module network, IReadOnlyList<string> layers, IReadOnlyList<string> alsoTrained) =>
        (this.config, this.network, this.layers, this.alsoTrained) = (config, network, layers, alsoTrained);

    /// <summary>Puts them beside the layers, and freezes everything else.</summary>
    /// <exception cref="ArgumentException">A pattern fits nothing.</exception>
    /// <exception cref="InvalidModelFileException">What was learnt earlier is another network's.</exception>
    public static LoraBranches Attach(Lora config, ModelConfig architecture, Module network)
    {
        var head = architecture.HeadPrefix ?? PretrainedWeights.LastLayer(network);
        var linear = network.named_modules().Where(part => part.module is Linear).ToDictionary(part => part.name, part => (Linear)part.module, StringComparer.Ordinal);
        if (linear.Count == 0)
            throw new ArgumentException($"Adapter stands beside fully connected layers, and {architecture.GetType().Name} has none. Leave Adapter out, or freeze layers: Freeze = [\"…\"].", "options");
        var patterns = config.Targets ?? architecture.AdapterTargets;
        var isTarget = patterns is null ? name => !IsBelow(head, name) : Any(NamePattern.Check(patterns, linear.Keys, $"{nameof(DeepTrainerOptions.Adapter)}.{nameof(Lora.Targets)}"));
        var names = network.named_parameters().Select(parameter => parameter.name).ToList();
        var isTrained = config.AlsoTrain is null ? name => IsBelow(head, name) : Any(NamePattern.Check(config.AlsoTrain, names, $"{nameof(DeepTrainerOptions.Adapter)}.{nameof(Lora.AlsoTrain)}"));
        var branches = new LoraBranches(config, network, [.. linear.Keys.Where(isTarget)], [.. names.Where(isTrained)]);
        foreach (var (name, parameter) in network.named_parameters())
            parameter.requires_grad = isTrained(name);
        foreach (var name in branches.layers)
            branches.PutBeside(linear[name]);
        config.Weights?.GiveTo(network, config);
        return branches;
    }

    /// <summary>Copies what was learnt.</summary>
    public AdapterWeights Take()
    {
        using var scope = NewDisposeScope();
        var tensors = network.state_dict();
        return new AdapterWeights(config.Rank, config.Alpha, layers.SelectMany(layer => new[] { AdapterWeights.A(layer), AdapterWeights.B(layer) }).Concat(alsoTrained).Select(name =>
            (ModuleWeights.Describe(name, tensors[name]), tensors[name].detach().cpu().contiguous().bytes.ToArray())));
    }

    /// <summary>Adds what was learnt to the layers.</summary>
    /// <param name="build">Builds the network that has no adapter.</param>
    /// <param name="device">Where it is wanted.</param>
    /// <returns>A new network; the one with the adapter is to be disposed.</returns>
    public Module Merge(Func<Module> build, Device device)
    {
        var merged = TorchGenerator.Untouched(build);
        try
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var tensors = network.state_dict();
            foreach (var layer in layers)
                tensors[$"{layer}.weight"].add_(tensors[AdapterWeights.B(layer)].matmul(tensors[AdapterWeights.A(layer)]), alpha: config.Scale);
            merged = merged.to(device);
            // some layers' parameters belong to the scope in which they are made
            foreach (var tensor in merged.parameters().Concat(merged.buffers()))
                tensor.DetachFromDisposeScope();
            foreach (var (name, tensor) in merged.state_dict())
                tensor.copy_(tensors[name]);
            merged.eval();
            return merged;
        }
        catch
        {
            merged.Dispose();
            throw;
        }
    }

    // TorchSharp's layers do not dispose what is put into them
    public void Dispose()
    {
        foreach (var matrix in matrices)
            matrix.Dispose();
    }

    public override string ToString()
    {
        var parameters = network.named_parameters().ToList();
        return $"An adapter of rank {config.Rank} stands beside {layers.Count:N0} layers: {parameters.Where(item => item.parameter.requires_grad).Sum(item => item.parameter.numel()):N0} of {parameters.Sum(item => item.parameter.numel()):N0} parameters are trained.";
    }

    private void PutBeside(Linear layer)
    {
        var weight = layer.weight!;                                             // [outputs, inputs]
        var a = Linear(weight.shape[1], config.Rank, hasBias: false, device: weight.device);
        var b = Linear(config.Rank, weight.shape[0], hasBias: false, device: weight.device);
        init.zeros_(b.weight!);
        matrices.AddRange([a, b]);
        layer.register_module(AdapterWeights.NameOfA, a);
        layer.register_module(AdapterWeights.NameOfB, b);
        layer.register_forward_hook((_, input, output) =>
        {
            using var scope = NewDisposeScope();
            var seen = layer.training && config.Dropout > 0 ? functional.dropout(input, config.Dropout) : input;
            return (output + b.call(a.call(seen)) * config.Scale).MoveToOuterDisposeScope();
        });
    }

    private static Func<string, bool> Any(IReadOnlyList<NamePattern> patterns) => name => patterns.Any(pattern => pattern.Matches(name));

    private static bool IsBelow(string layer, string name) => name == layer || name.StartsWith(layer + ".", StringComparison.Ordinal);
}
