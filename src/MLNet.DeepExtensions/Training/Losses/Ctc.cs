using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>
/// Connectionist temporal classification (Graves et al. 2006): how unlikely it is that the steps, read as symbols and blanks, say the target. Output 0 is the blank.
/// Each row's loss is divided by the length of its target, as PyTorch's mean does. Steps that are padding must be certain blanks, which change nothing:
/// see <see cref="InputTensor.BlankPadding"/>.
/// </summary>
[ConfigName("ctc")]
public sealed record Ctc : LossConfig
{
    /// <summary>Gets whether a row whose target is too long for its steps, and whose loss is therefore infinite, counts as 0 instead of stopping the run.</summary>
    /// <value>The default is false: such a run stops with <see cref="TrainingDivergedException"/>.</value>
    public bool ZeroInfinity { get; init; }

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Sequence;

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new RowLoss((output, target) =>
    {
        var (rows, steps) = (output.shape[0], output.shape[1]);                                 // [N, steps, outputs]
        var lengths = target.gt(0).sum(1);                                                      // [N]
        var loss = F.ctc_loss(output.log_softmax(2).transpose(0, 1), target.to(ScalarType.Int64), full(rows, steps, ScalarType.Int64, output.device), lengths,
            blank: 0, zero_infinity: ZeroInfinity, reduction: nn.Reduction.None);
        return loss / lengths.clamp_min(1);
    });
}
