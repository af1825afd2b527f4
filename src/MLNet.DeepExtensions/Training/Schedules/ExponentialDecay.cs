using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>The learning rate times <see cref="Gamma"/> after every epoch: <c>torch.optim.lr_scheduler.ExponentialLR</c>.</summary>
[ConfigName("exponential-decay")]
public sealed record ExponentialDecay : ScheduleConfig
{
    /// <inheritdoc/>
    /// <value>The default is <see cref="ScheduleUnit.Epoch"/>.</value>
    public override ScheduleUnit Per { get; init; } = ScheduleUnit.Epoch;

    /// <summary>Gets what remains of the learning rate after an epoch.</summary>
    /// <value>In (0, 1]. The default is 0.95.</value>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Gamma { get; init; } = 0.95;

    /// <inheritdoc/>
    public override double Factor(long step, long steps) => Math.Pow(Gamma, step);
}
