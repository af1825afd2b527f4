using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>A straight rise from a part of the learning rate (<c>torch.optim.lr_scheduler.LinearLR</c>), then another schedule for the rest of the run.</summary>
[ConfigName("warmup")]
public sealed record Warmup : ScheduleConfig
{
    /// <summary>Gets the steps of the rise.</summary>
    /// <value>At least 1. The default is 500.</value>
    [Range(1, int.MaxValue)]
    public int Length { get; init; } = 500;

    /// <summary>Gets the share of the learning rate in the first step.</summary>
    /// <value>In [0, 1]. The default is 0.</value>
    [Range(0.0, 1.0)]
    public double InitialFactor { get; init; }

    /// <summary>Gets what comes after; it counts from the end of the rise, in this schedule's unit.</summary>
    /// <value>The default, null, stays at the full learning rate.</value>
    public ScheduleConfig? Then { get; init; }

    /// <inheritdoc/>
    public override double Factor(long step, long steps) => step < Length
        ? InitialFactor + (1 - InitialFactor) * step / Length
        : Then?.Factor(step - Length, Math.Max(1, steps - Length)) ?? 1;
}
