namespace MLNet.DeepExtensions;

/// <summary>How the loss went while the learning rate rose from step to step: the learning-rate range test (Smith 2015), with fastai's smoothing and suggestions.</summary>
public sealed record LearningRateCurve
{
    /// <summary>Gets the steps in their order, the learning rate rising.</summary>
    public required IReadOnlyList<LearningRatePoint> Points { get; init; }

    /// <summary>Gets whether the search ended before its last step, because the loss had grown to four times its lowest value, or beyond all numbers.</summary>
    public bool Diverged { get; init; }

    /// <summary>Gets the learning rate at which the smoothed loss fell fastest over the logarithm of the rate: a rate that learns quickly.</summary>
    /// <value>Null where the loss never fell, or the search was too short to say.</value>
    public double? Steepest
    {
        get
        {
            var points = Inner;
            var slopes = Enumerable.Range(0, Math.Max(0, points.Count - 1)).Select(i =>
                (Slope: (points[i + 1].SmoothedLoss - points[i].SmoothedLoss) / Math.Log(points[i + 1].LearningRate / points[i].LearningRate), points[i].LearningRate)).ToList();
            return slopes.Count > 0 && slopes.MinBy(item => item.Slope) is { Slope: < 0 } steepest ? steepest.LearningRate : null;
        }
    }

    /// <summary>Gets a tenth of the learning rate at which the smoothed loss was lowest: a rate that is safe, as the lowest point is already at the edge of divergence.</summary>
    /// <value>Null where the loss never fell, or the search was too short to say.</value>
    public double? TenthOfMinimum => Inner is { Count: > 1 } points && points.MinBy(point => point.SmoothedLoss) is var lowest && lowest.SmoothedLoss < points[0].SmoothedLoss ? lowest.LearningRate / 10 : null;

    // the first steps are noise, and the last ones the divergence itself
    private IReadOnlyList<LearningRatePoint> Inner => [.. Points.Skip(Points.Count / 10).SkipLast(Math.Min(5, Points.Count / 10))];
}

/// <summary>A step of a search for the learning rate.</summary>
/// <param name="LearningRate">The learning rate of the step.</param>
/// <param name="Loss">The loss of the step's batch, before the weights changed.</param>
/// <param name="SmoothedLoss">The running average of the losses up to there, each step's weighing 0.98 of the next one's.</param>
public readonly record struct LearningRatePoint(double LearningRate, double Loss, double SmoothedLoss);
