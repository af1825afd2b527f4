using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>What networks that forecast each channel from its own history ask of their input.</summary>
/// <param name="Channels">The targets.</param>
/// <param name="Window">The steps of history.</param>
/// <param name="Outputs">The numbers to be said of each channel: steps ahead, times what the loss wants of each.</param>
internal readonly record struct HistoryInput(int Channels, int Window, int Outputs)
{
    /// <exception cref="ArgumentException">Examples are no histories of one length, or the outputs do not belong to the channels.</exception>
    public static HistoryInput Require(InputShape input, int outputs, string network)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input is ColumnsShape)
            throw new ArgumentException($"{network} looks at the targets' own history alone, but an example is {input}. " +
                $"Wrap it, so that what is known ahead and what a series is like count too: new CovariateForecaster {{ History = new {network}() }}.", nameof(input));
        if (input is not SequenceShape { Length: { } window } sequence)
            throw new ArgumentException($"{network} takes histories of one length, but an example is {input}. Use it with mlContext.Forecasting.Trainers.Deep, or give the shape: new SequenceShape(channels, length).", nameof(input));
        return outputs % sequence.Width == 0 ? new HistoryInput(sequence.Width, window, outputs / sequence.Width) : throw new ArgumentException(
            $"{network} says as much of each of its {sequence.Width} channels, but {outputs} outputs are no multiple of {sequence.Width}.", nameof(outputs));
    }
}

/// <summary>
/// Reversible instance normalisation (Kim et al. 2022), without its affine map: each history is moved and scaled to mean 0 and standard deviation 1 before the network, and what the network
/// says is scaled and moved back, so that a level or a spread that was never seen in training does no harm.
/// </summary>
internal sealed class InstanceScale
{
    private const double Epsilon = 1e-5;

    private readonly Tensor mean, std;

    /// <param name="history">[N, channels, window].</param>
    public InstanceScale(Tensor history)
    {
        mean = history.mean([2], keepdim: true);
        std = (history.var([2], unbiased: false, keepdim: true) + Epsilon).sqrt();
    }

    public Tensor Apply(Tensor history) => (history - mean) / std;

    /// <param name="forecast">[N, channels, outputs].</param>
    public Tensor Undo(Tensor forecast) => forecast * std + mean;

    /// <summary>The same in a graph.</summary>
    public sealed class InGraph
    {
        private readonly GraphValue centred, mean, std;

        /// <param name="graph">The graph.</param>
        /// <param name="history">[N, channels, window].</param>
        public InGraph(OnnxGraph graph, GraphValue history)
        {
            mean = history.Mean(2, keepDim: true);
            centred = history - mean;
            std = graph.Node("Sqrt", [(centred * centred).Mean(2, keepDim: true) + (float)Epsilon]);
        }

        /// <summary>Gets the history, moved and scaled.</summary>
        public GraphValue Applied => centred / std;

        /// <param name="forecast">[N, channels, outputs].</param>
        public GraphValue Undo(GraphValue forecast) => forecast * std + mean;
    }
}
