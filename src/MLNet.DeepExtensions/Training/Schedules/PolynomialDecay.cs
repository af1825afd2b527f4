using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Down to nothing as a power of what remains of the run, after a linear warm-up: without one, <c>torch.optim.lr_scheduler.PolynomialLR</c>; with power 1 the usual schedule of Transformers (Devlin et al. 2019).</summary>
[ConfigName("polynomial-decay")]
public sealed record PolynomialDecay : ScheduleConfig
{
    /// <summary>Gets the share of the steps in which the learning rate rises from 0.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double WarmupFraction { get; init; }

    /// <summary>Gets the power.</summary>
    /// <value>In (0, 100]. The default, 1, is a straight line.</value>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double Power { get; init; } = 1;

    /// <summary>Gets what remains of the learning rate at the end.</summary>
    /// <value>In [0, 1]. The default is 0.</value>
    [Range(0.0, 1.0)]
    public double FinalFactor { get; init; }

    /// <inheritdoc/>
    public override double Factor(long step, long steps)
    {
        var warmup = (long)Math.Round(WarmupFraction * steps);
        if (step < warmup)
            return (double)step / warmup;
        return FinalFactor + (1 - FinalFactor) * Math.Pow(Math.Max(0, 1 - (double)(step - warmup) / Math.Max(1, steps - warmup)), Power);
    }
}
