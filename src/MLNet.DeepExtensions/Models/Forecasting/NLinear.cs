using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// A linear forecast of each channel from its own history, whose last value is subtracted before and added behind (Zeng et al. 2023, "Are Transformers effective for time series forecasting?").
/// Few things so small forecast so well: try it first. The layer's parameters are named <c>Linear.weight</c> and <c>Linear.bias</c>, as in the paper's code.
/// </summary>
[ConfigName("nlinear")]
public sealed record NLinear : ModelConfig
{
    /// <summary>Gets whether each channel has a layer of its own, instead of one for all.</summary>
    /// <value>The default is false.</value>
    public bool Individual { get; init; }

    /// <summary>Gets whether each history is scaled to mean 0 and standard deviation 1, and the forecast back: reversible instance normalisation (Kim et al. 2022), without its affine map.</summary>
    /// <value>The default is false, as in the paper.</value>
    public bool NormalizeInstances { get; init; }

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null) =>
        new Network(this, HistoryInput.Require(input, outputs, nameof(NLinear)), device);

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this, new SequenceShape(2, 128), 6);

    private sealed class Network : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Module<Tensor, Tensor> Linear;
        private readonly bool normalize;

        public Network(NLinear config, HistoryInput input, Device? device) : base(nameof(NLinear))
        {
            Linear = ChannelLinear.Along(input.Window, input.Outputs, config.Individual ? input.Channels : null, device);
            normalize = config.NormalizeInstances;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var history = input.transpose(1, 2);                                        // [N, channels, window]
            var scale = normalize ? new InstanceScale(history) : null;
            history = scale?.Apply(history) ?? history;
            var last = history.narrow(2, history.shape[2] - 1, 1);
            var forecast = Linear.call(history - last) + last;                          // [N, channels, outputs]
            return (scale?.Undo(forecast) ?? forecast).flatten(1).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var history = input.Values.Permute(0, 2, 1);                                // [N, channels, window]
            var scale = normalize ? new InstanceScale.InGraph(graph, history) : null;
            history = scale?.Applied ?? history;
            var last = history.Slice(2, -1);
            var forecast = graph.Call(Linear, history - last) + last;                   // [N, channels, outputs]
            return (scale?.Undo(forecast) ?? forecast).Flatten();
        }
    }
}
