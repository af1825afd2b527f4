using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Up and down between a low and the full learning rate, in straight lines (Smith 2017): <c>torch.optim.lr_scheduler.CyclicLR</c>.</summary>
[ConfigName("cyclic")]
public sealed record Cyclic : ScheduleConfig
{
    /// <summary>Gets the low learning rate, as a share of the full one.</summary>
    /// <value>In [0, 1]. The default is 0.1.</value>
    [Range(0.0, 1.0)]
    public double LowFactor { get; init; } = 0.1;

    /// <summary>Gets the steps of a rise; the fall takes as many.</summary>
    /// <value>At least 1. The default is 2,000.</value>
    [Range(1, int.MaxValue)]
    public int Rise { get; init; } = 2000;

    /// <summary>Gets whether each cycle goes up half as far as the one before (<c>triangular2</c>).</summary>
    /// <value>The default is false.</value>
    public bool Halving { get; init; }

    /// <inheritdoc/>
    public override double Factor(long step, long steps)
    {
        var cycle = step / (2L * Rise);
        var height = 1 - Math.Abs((double)(step - cycle * 2L * Rise) / Rise - 1);
        return LowFactor + (1 - LowFactor) * height * (Halving ? Math.Pow(0.5, cycle) : 1);
    }
}
