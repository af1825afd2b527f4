using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>Cross-entropy in which rows that are already right count less, by (1 - p)^γ of the right class's probability (Lin et al. 2017): for classes of very unequal size.</summary>
[ConfigName("focal")]
public sealed record Focal : LossConfig
{
    /// <summary>Gets how much less they count; 0 is cross-entropy.</summary>
    /// <value>In [0, 10]. The default is 2.</value>
    [Range(0.0, 10.0)]
    public double Gamma { get; init; } = 2;

    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.ClassIndex;

    /// <inheritdoc/>
    public override Loss Build(int outputs, Device device) => new RowLoss((output, target) =>
    {
        if (target.dim() == 2)
            // targets mixed of several classes: each class's term by its own share
            return -(target * (1 - output.softmax(1)).pow(Gamma) * output.log_softmax(1)).sum([1]);
        var logarithm = output.log_softmax(1).gather(1, target.unsqueeze(1)).squeeze(1);       // [N]
        return -(1 - logarithm.exp()).pow(Gamma) * logarithm;
    });
}
