using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Which steps of a padded batch are there, for tensors [N, channels, steps].</summary>
/// <param name="Flags">[N, 1, steps], true at each step of a row.</param>
internal sealed record StepMask(Tensor Flags)
{
    /// <summary>The mask of rows of some lengths; null where all have one.</summary>
    public static StepMask? Of(Tensor? lengths, long steps) => lengths is null ? null
        : new StepMask((arange(steps, device: lengths.device).unsqueeze(0) < lengths.unsqueeze(1)).unsqueeze(1));

    /// <summary>What layers of masked convolutions take in a graph: the values and, where rows differ in length, the mask beside them.</summary>
    public static GraphInput InGraph(GraphValue values, GraphValue? flags) => flags is null ? values : new GraphInput(new GraphColumn("values", values), new GraphColumn("mask", flags));
}

/// <summary>A convolution over steps of odd size that keeps their number, and batch norm that sees no padding: zeros come in at padding, and zeros go out.</summary>
internal sealed class MaskedConv : Module<Tensor, StepMask?, Tensor>, IOnnxExportable
{
    private readonly Conv1d conv;
    private readonly BatchNorm1d norm;

    public MaskedConv(long from, long to, int kernelSize, Device? device) : base(nameof(MaskedConv))
    {
        conv = Conv1d(from, to, kernelSize, padding: kernelSize / 2, bias: false, device: device);
        init.kaiming_normal_(conv.weight!, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        norm = BatchNorm1d(to, device: device);
        RegisterComponents();
    }

    /// <param name="x">[N, from, steps].</param>
    /// <param name="mask">Where padding is not; null where there is none.</param>
    /// <returns>[N, to, steps].</returns>
    public override Tensor forward(Tensor x, StepMask? mask)
    {
        var seen = conv.call(x);
        if (!training)
            return mask is null ? norm.call(seen) : norm.call(seen) * mask.Flags;
        // its statistics in training are of the steps alone: [steps of all rows, channels]
        var flat = seen.transpose(1, 2);
        var steps = mask is null ? flat.flatten(0, 1) : flat[mask.Flags.squeeze(1)];
        // of one step there is no variance
        var normal = steps.shape[0] > 1 ? norm.call(steps)
            : functional.batch_norm(steps, norm.running_mean!, norm.running_var!, norm.weight, norm.bias, training: false);
        if (mask is null)
            return normal.view(flat.shape).transpose(1, 2);
        return zeros(flat.shape, flat.dtype, flat.device).masked_scatter(mask.Flags.transpose(1, 2), normal).transpose(1, 2);
    }

    /// <param name="graph">The graph.</param>
    /// <param name="input">[N, from, steps], and the mask, [N, 1, steps], where there is one.</param>
    /// <returns>[N, to, steps].</returns>
    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var seen = graph.Call(norm, graph.Call(conv, input.Columns[0]));
        return input.Columns.Count == 1 ? seen : seen.Where(input.Columns[1].Values, 0);
    }
}
