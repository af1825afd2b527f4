using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Down along half a cosine and up again at once, in rounds that may grow longer (Loshchilov and Hutter 2016): <c>torch.optim.lr_scheduler.CosineAnnealingWarmRestarts</c>.</summary>
[ConfigName("cosine-restarts")]
public sealed record CosineRestarts : ScheduleConfig
{
    /// <inheritdoc/>
    /// <value>The default is <see cref="ScheduleUnit.Epoch"/>.</value>
    public override ScheduleUnit Per { get; init; } = ScheduleUnit.Epoch;

    /// <summary>Gets the epochs of the first round.</summary>
    /// <value>At least 1. The default is 10.</value>
    [Range(1, int.MaxValue)]
    public int FirstRound { get; init; } = 10;

    /// <summary>Gets how many times as long the next round is.</summary>
    /// <value>Between 1 and 100. The default is 1.</value>
    [Range(1, 100)]
    public int Multiplier { get; init; } = 1;

    /// <summary>Gets what remains of the learning rate at the end of a round.</summary>
    /// <value>In [0, 1]. The default is 0.</value>
    [Range(0.0, 1.0)]
    public double FinalFactor { get; init; }

    /// <inheritdoc/>
    public override double Factor(long step, long steps)
    {
        long length = FirstRound;
        for (; Multiplier > 1 && step >= length; length *= Multiplier)
            step -= length;
        return FinalFactor + (1 - FinalFactor) / 2 * (1 + Math.Cos(Math.PI * (step % length) / length));
    }
}
