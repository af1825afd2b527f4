namespace MLNet.DeepExtensions;

/// <summary>Lets the learning rate rise by the same factor from step to step, writes the losses down, and ends the run after so many steps or where the loss diverges.</summary>
internal sealed class SweepLearningRate(double from, double to, int steps) : Callback
{
    // fastai's: a running average with the correction of its beginning, and the end at four times the lowest
    private const double Smoothing = 0.98, Divergence = 4;

    private readonly List<LearningRatePoint> points = [];
    private double average;
    private double lowest = double.PositiveInfinity;

    public IReadOnlyList<LearningRatePoint> Points => points;

    public bool Diverged { get; private set; }

    public override void OnTrainBegin(TrainingState state) => state.Optimizer.LearningRate = RateOf(0);

    public override void OnBatchEnd(TrainingState state)
    {
        var loss = state.LastLoss;
        average = Smoothing * average + (1 - Smoothing) * loss;
        var smoothed = average / (1 - Math.Pow(Smoothing, points.Count + 1));
        points.Add(new LearningRatePoint(RateOf(points.Count), loss, smoothed));
        lowest = Math.Min(lowest, smoothed);
        Diverged = smoothed > Most();
        if (Diverged || points.Count == steps)
            state.RequestStop();
        else
            state.Optimizer.LearningRate = RateOf(points.Count);
    }

    // four times a loss that may be negative, such as a log-likelihood's, is nothing to go by: there it is as far above the lowest as that lies below the first one's size
    private double Most() => lowest > 0 ? Divergence * lowest : lowest + (Divergence - 1) * Math.Max(Math.Abs(points[0].Loss), points[0].Loss - lowest);

    private double RateOf(int step) => from * Math.Pow(to / from, step / (steps - 1.0));
}
