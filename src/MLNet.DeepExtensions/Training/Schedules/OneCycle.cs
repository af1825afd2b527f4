using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Up from a small learning rate and down to almost nothing, along cosines (Smith and Topin 2017, "Super-convergence"): <c>torch.optim.lr_scheduler.OneCycleLR</c>.
/// The optimizer's learning rate is the highest one.
/// </summary>
[ConfigName("one-cycle")]
public sealed record OneCycle : ScheduleConfig
{
    /// <summary>Gets the share of the steps in which it rises.</summary>
    /// <value>In (0, 1). The default is 0.3.</value>
    [Range(0.001, 0.999)]
    public double RisingFraction { get; init; } = 0.3;

    /// <summary>Gets what the highest learning rate is divided by in the first step.</summary>
    /// <value>At least 1. The default is 25.</value>
    [Range(1.0, 1e9)]
    public double InitialDivisor { get; init; } = 25;

    /// <summary>Gets what the first learning rate is divided by in the last step.</summary>
    /// <value>At least 1. The default is 10,000.</value>
    [Range(1.0, 1e9)]
    public double FinalDivisor { get; init; } = 1e4;

    /// <inheritdoc/>
    public override double Factor(long step, long steps)
    {
        var rising = RisingFraction * steps - 1;
        var (initial, final) = (1 / InitialDivisor, 1 / InitialDivisor / FinalDivisor);
        if (step <= rising)
            return Cosine(initial, 1, step / rising);
        return Cosine(1, final, Math.Min(1, (step - rising) / Math.Max(steps - 1 - rising, 1e-9)));
    }

    private static double Cosine(double from, double to, double share) => to + (from - to) / 2 * (1 + Math.Cos(Math.PI * share));
}
