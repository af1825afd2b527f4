using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>The learning rate times <see cref="Gamma"/> after every so many epochs: <c>torch.optim.lr_scheduler.StepLR</c>.</summary>
[ConfigName("step-decay")]
public sealed record StepDecay : ScheduleConfig
{
    /// <inheritdoc/>
    /// <value>The default is <see cref="ScheduleUnit.Epoch"/>.</value>
    public override ScheduleUnit Per { get; init; } = ScheduleUnit.Epoch;

    /// <summary>Gets how many epochs lie between two falls.</summary>
    /// <value>At least 1. The default is 10.</value>
    [Range(1, int.MaxValue)]
    public int Every { get; init; } = 10;

    /// <summary>Gets what remains of the learning rate at each fall.</summary>
    /// <value>In (0, 1]. The default is 0.1.</value>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Gamma { get; init; } = 0.1;

    /// <inheritdoc/>
    public override double Factor(long step, long steps) => Math.Pow(Gamma, step / Every);
}
