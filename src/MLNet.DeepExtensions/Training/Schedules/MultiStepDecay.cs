using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>The learning rate times <see cref="Gamma"/> at each of some epochs: <c>torch.optim.lr_scheduler.MultiStepLR</c>.</summary>
[ConfigName("multi-step-decay")]
public sealed record MultiStepDecay : ScheduleConfig
{
    /// <inheritdoc/>
    /// <value>The default is <see cref="ScheduleUnit.Epoch"/>.</value>
    public override ScheduleUnit Per { get; init; } = ScheduleUnit.Epoch;

    /// <summary>Gets when it falls: after so many epochs.</summary>
    /// <value>Whole numbers above 0, rising. The default is 30, 60, 90.</value>
    [Required, MinLength(1)]
    public IReadOnlyList<int> Milestones { get; init; } = [30, 60, 90];

    /// <summary>Gets what remains of the learning rate at each fall.</summary>
    /// <value>In (0, 1]. The default is 0.1.</value>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Gamma { get; init; } = 0.1;

    /// <inheritdoc/>
    public override double Factor(long step, long steps) => Math.Pow(Gamma, Milestones.Count(milestone => step >= milestone));

    /// <summary>Compares the settings, the milestones one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both give the same factors.</returns>
    public bool Equals(MultiStepDecay? other) => base.Equals(other) && Gamma == other.Gamma && Milestones.SequenceEqual(other.Milestones);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Gamma, Milestones.Count);
}
