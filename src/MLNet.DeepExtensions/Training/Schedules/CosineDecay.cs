using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// A linear warm-up, then down along half a cosine (Loshchilov and Hutter 2016, without restarts): after the warm-up <c>torch.optim.lr_scheduler.CosineAnnealingLR</c>.
/// </summary>
[ConfigName("cosine-decay")]
public sealed record CosineDecay : ScheduleConfig
{
    /// <summary>Gets the share of the steps in which the learning rate rises from 0.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double WarmupFraction { get; init; }

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
        return FinalFactor + (1 - FinalFactor) / 2 * (1 + Math.Cos(Math.PI * Math.Min(1, (double)(step - warmup) / Math.Max(1, steps - warmup))));
    }
}
