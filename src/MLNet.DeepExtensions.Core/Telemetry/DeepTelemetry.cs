using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MLNet.DeepExtensions;

/// <summary>
/// What can be listened to while networks are trained and score: an <see cref="ActivitySource"/> and a <see cref="Meter"/>, both of the name <see cref="Name"/>, for OpenTelemetry
/// (<c>AddSource(DeepTelemetry.Name)</c>, <c>AddMeter(DeepTelemetry.Name)</c>) or <c>dotnet-counters monitor --counters MLNet.DeepExtensions</c>. Where nobody listens it costs nothing worth measuring.
/// Names and units follow OpenTelemetry's conventions.
/// </summary>
public static class DeepTelemetry
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "MLNet.DeepExtensions";

    /// <summary>The activity of a whole fit, reading included; tags <see cref="ModelTag"/>, <see cref="DeviceTag"/>, <see cref="EpochsTag"/>, <c>error.type</c> where it failed.</summary>
    public const string FitActivity = "mlnet.deep.fit";

    /// <summary>The activity of an epoch, validation included; tags <see cref="EpochTag"/>, <see cref="RowsTag"/>, and <c>mlnet.deep.train.NAME</c>, <c>mlnet.deep.validation.NAME</c> for each metric.</summary>
    public const string EpochActivity = "mlnet.deep.epoch";

    /// <summary>The activity of a pass over scored data, from its first row until its cursor is disposed; tags <see cref="ModelTag"/>, <see cref="RowsTag"/>.</summary>
    public const string TransformActivity = "mlnet.deep.transform";

    /// <summary>A counter of training rows, <c>{row}</c>; validation is not counted.</summary>
    public const string TrainingRows = "mlnet.deep.training.rows";

    /// <summary>A counter of optimizer steps, <c>{step}</c>.</summary>
    public const string TrainingSteps = "mlnet.deep.training.steps";

    /// <summary>A histogram of how long a step takes, fetching its rows included, in <c>s</c>. On a GPU it is the time of the host, which runs ahead of it.</summary>
    public const string StepDuration = "mlnet.deep.training.step.duration";

    /// <summary>A gauge of the mean training loss of the epoch so far, <c>1</c>, about once in a second. It does not wait for a GPU.</summary>
    public const string TrainingLoss = "mlnet.deep.training.loss";

    /// <summary>A gauge of the validation loss after each epoch, <c>1</c>.</summary>
    public const string ValidationLoss = "mlnet.deep.validation.loss";

    /// <summary>A gauge of the learning rate, <c>1</c>, about once in a second.</summary>
    public const string LearningRate = "mlnet.deep.training.learning_rate";

    /// <summary>A counter of scored rows, <c>{row}</c>.</summary>
    public const string ScoringRows = "mlnet.deep.scoring.rows";

    /// <summary>A histogram of how long a forward pass over a batch of rows takes in scoring, in <c>s</c>.</summary>
    public const string ScoringDuration = "mlnet.deep.scoring.batch.duration";

    /// <summary>A tag: the scoring engine or the architecture.</summary>
    public const string ModelTag = "mlnet.deep.model";

    /// <summary>A tag: where the network is trained.</summary>
    public const string DeviceTag = "mlnet.deep.device";

    /// <summary>A tag: how many epochs are asked for.</summary>
    public const string EpochsTag = "mlnet.deep.epochs";

    /// <summary>A tag: the number of the epoch, from 1.</summary>
    public const string EpochTag = "mlnet.deep.epoch.number";

    /// <summary>A tag: how many rows.</summary>
    public const string RowsTag = "mlnet.deep.rows";

    // a forward pass or a step takes from some microseconds to some seconds
    private static readonly InstrumentAdvice<double> durations = new() { HistogramBucketBoundaries = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10] };

    internal static ActivitySource Source { get; } = new(Name);

    internal static Meter Meter { get; } = new(Name);

    internal static Counter<long> Rows { get; } = Meter.CreateCounter<long>(TrainingRows, "{row}", "Training rows.");

    internal static Counter<long> Steps { get; } = Meter.CreateCounter<long>(TrainingSteps, "{step}", "Optimizer steps.");

    internal static Histogram<double> StepSeconds { get; } = Meter.CreateHistogram(StepDuration, "s", "How long a training step takes.", advice: durations);

    internal static Gauge<double> Loss { get; } = Meter.CreateGauge<double>(TrainingLoss, "1", "The mean training loss of the epoch so far.");

    internal static Gauge<double> LossOfValidation { get; } = Meter.CreateGauge<double>(ValidationLoss, "1", "The validation loss after an epoch.");

    internal static Gauge<double> Rate { get; } = Meter.CreateGauge<double>(LearningRate, "1", "The learning rate.");

    private static readonly Counter<long> scoredRows = Meter.CreateCounter<long>(ScoringRows, "{row}", "Scored rows.");

    private static readonly Histogram<double> scoringSeconds = Meter.CreateHistogram(ScoringDuration, "s", "How long a forward pass over a batch of rows takes in scoring.", advice: durations);

    /// <summary>Starts an activity that does not become the caller's current one: what is pulled row by row ends when its caller may be about something else.</summary>
    internal static Activity? StartAside(string name)
    {
        if (!Source.HasListeners())
            return null;
        var current = Activity.Current;
        var activity = Source.StartActivity(name);
        Activity.Current = current;
        return activity;
    }

    /// <summary>Ends an activity that was started aside; the caller's current one stays.</summary>
    internal static void StopAside(this Activity activity)
    {
        var current = Activity.Current;
        activity.Dispose();
        Activity.Current = current;
    }

    /// <summary>Scores, and says so to who listens.</summary>
    internal static void ScoreObserved(this ScoringEngine engine, InputRows rows, int count, ScoreRows scores)
    {
        var begun = scoringSeconds.Enabled ? Stopwatch.GetTimestamp() : 0;
        engine.Score(rows, scores);
        scoredRows.Add(count);
        if (begun != 0)
            scoringSeconds.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }
}
