using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Linear layers along time, one for each channel. Parameters are named <c>0.weight</c>, <c>0.bias</c>, <c>1.weight</c>, … as in the code of Zeng et al. 2023.</summary>
internal sealed class ChannelLinear : Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly IReadOnlyList<Linear> layers;

    private ChannelLinear(int channels, int from, int to, Device? device) : base(nameof(ChannelLinear))
    {
        layers = [.. Enumerable.Range(0, channels).Select(_ => Linear(from, to, device: device))];
        for (var i = 0; i < layers.Count; i++)
            register_module($"{i}", layers[i]);
    }

    /// <summary>A layer from [N, channels, from] to [N, channels, to]: one that all channels share, or one for each.</summary>
    public static Module<Tensor, Tensor> Along(int from, int to, int? channels, Device? device) =>
        channels is { } individual ? new ChannelLinear(individual, from, to, device) : Linear(from, to, device: device);

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var weight = stack(layers.Select(layer => layer.weight!), 0).transpose(1, 2);           // [channels, from, to]
        var bias = stack(layers.Select(layer => layer.bias!), 0);                              // [channels, to]
        return (matmul(input.transpose(0, 1), weight).transpose(0, 1) + bias).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var weight = graph.Weight(layers[0].weight!, ".ofEachChannel", _ => stack(layers.Select(layer => layer.weight!), 0).transpose(1, 2));
        var bias = graph.Weight(layers[0].bias!, ".ofEachChannel", _ => stack(layers.Select(layer => layer.bias!), 0));
        return input.Values.Permute(1, 0, 2).Matmul(weight).Permute(1, 0, 2) + bias;
    }
}
