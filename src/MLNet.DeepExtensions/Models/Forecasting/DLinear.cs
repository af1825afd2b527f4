using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// A linear forecast of each channel's trend, its moving average, and another of what remains (Zeng et al. 2023). Parameters are named <c>Linear_Seasonal.weight</c>, <c>Linear_Trend.weight</c>, …
/// as in the paper's code.
/// </summary>
[ConfigName("dlinear")]
public sealed record DLinear : ModelConfig
{
    /// <summary>Gets over how many steps the trend is averaged; the ends are continued with the first and the last value.</summary>
    /// <value>Odd, between 1 and 10,001. The default is 25.</value>
    [Range(1, 10_001), Odd]
    public int Kernel { get; init; } = 25;

    /// <summary>Gets whether each channel has layers of its own, instead of one pair for all.</summary>
    /// <value>The default is false.</value>
    public bool Individual { get; init; }

    /// <summary>Gets whether each history is scaled to mean 0 and standard deviation 1, and the forecast back: reversible instance normalisation (Kim et al. 2022), without its affine map.</summary>
    /// <value>The default is false, as in the paper.</value>
    public bool NormalizeInstances { get; init; }

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null) =>
        new Network(this, HistoryInput.Require(input, outputs, nameof(DLinear)), device);

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { Kernel = 5 }, new SequenceShape(2, 128), 6);

    private sealed class Network : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Module<Tensor, Tensor> Linear_Seasonal;
        private readonly Module<Tensor, Tensor> Linear_Trend;
        private readonly long kernel;
        private readonly bool normalize;

        public Network(DLinear config, HistoryInput input, Device? device) : base(nameof(DLinear))
        {
            var channels = config.Individual ? input.Channels : (int?)null;
            Linear_Seasonal = ChannelLinear.Along(input.Window, input.Outputs, channels, device);
            Linear_Trend = ChannelLinear.Along(input.Window, input.Outputs, channels, device);
            (kernel, normalize) = (config.Kernel, config.NormalizeInstances);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var history = input.transpose(1, 2);                                        // [N, channels, window]
            var scale = normalize ? new InstanceScale(history) : null;
            history = scale?.Apply(history) ?? history;
            var (first, last) = (history.narrow(2, 0, 1), history.narrow(2, history.shape[2] - 1, 1));
            var longer = cat([first.expand(-1, -1, kernel / 2), history, last.expand(-1, -1, kernel / 2)], 2);
            var trend = functional.avg_pool1d(longer, kernel, stride: 1);               // [N, channels, window]
            var forecast = Linear_Seasonal.call(history - trend) + Linear_Trend.call(trend);
            return (scale?.Undo(forecast) ?? forecast).flatten(1).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var history = input.Values.Permute(0, 2, 1);                                // [N, channels, window]
            var scale = normalize ? new InstanceScale.InGraph(graph, history) : null;
            history = scale?.Applied ?? history;
            GraphValue Continued(GraphValue end) => end.Expand(1, 1, kernel / 2);
            var longer = kernel == 1 ? history : GraphValue.Cat([Continued(history.Slice(2, 0, 1)), history, Continued(history.Slice(2, -1))], 2);
            var trend = graph.Node("AveragePool", [longer], ("kernel_shape", (long[])[kernel]));    // [N, channels, window]
            var forecast = graph.Call(Linear_Seasonal, history - trend) + graph.Call(Linear_Trend, trend);
            return (scale?.Undo(forecast) ?? forecast).Flatten();
        }
    }
}

/// <summary>A number that has a middle.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OddAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is int number && number % 2 != 0;

    public override string FormatErrorMessage(string name) => $"{name} must be odd.";
}
