using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MLNet.DeepExtensions;

/// <summary>The instruments, as one served model uses them; and what its page shows.</summary>
internal sealed class ServingMeters : IDisposable
{
    // from a tenth of a millisecond to a minute
    private static readonly InstrumentAdvice<double> durations = new() { HistogramBucketBoundaries = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60] };
    private static readonly InstrumentAdvice<int> sizes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] };

    private static readonly Histogram<double> duration = DeepTelemetry.Meter.CreateHistogram(DeepServing.Duration, "s", "From a row's being handed in to its answer.", advice: durations);
    private static readonly Histogram<double> queueDuration = DeepTelemetry.Meter.CreateHistogram(DeepServing.QueueDuration, "s", "How long a row waited for its batch to begin.", advice: durations);
    private static readonly Histogram<double> batchDuration = DeepTelemetry.Meter.CreateHistogram(DeepServing.BatchDuration, "s", "How long a batch was scored.", advice: durations);
    private static readonly Histogram<int> batchSize = DeepTelemetry.Meter.CreateHistogram(DeepServing.BatchSize, "{row}", "The rows of a batch.", advice: sizes);
    private static readonly Counter<long> rejected = DeepTelemetry.Meter.CreateCounter<long>(DeepServing.Rejected, "{row}", "Rows that were refused.");
    private static readonly Counter<long> failed = DeepTelemetry.Meter.CreateCounter<long>(DeepServing.Failed, "{row}", "Rows that were scored and gave no answer.");
    private static readonly Counter<long> reloads = DeepTelemetry.Meter.CreateCounter<long>(DeepServing.Reloads, "{model}", "Model files that took over or were refused.");

    // an instrument cannot be taken off its meter: these two ask those who serve at the moment
    private static readonly ConcurrentDictionary<ServingMeters, byte> all = new();

    private readonly TagList name;
    private readonly TimeProvider time;
    private readonly Func<int> queued;
    private DateTimeOffset? loadedAt;

    static ServingMeters()
    {
        DeepTelemetry.Meter.CreateObservableGauge(DeepServing.ModelAge,
            () => all.Keys.Where(item => item.loadedAt is not null).Select(item => new Measurement<double>((item.time.GetUtcNow() - item.loadedAt!.Value).TotalSeconds, item.name)), "s", "How long ago the model took over.");
        DeepTelemetry.Meter.CreateObservableGauge(DeepServing.QueuedRows, () => all.Keys.Select(item => new Measurement<int>(item.queued(), item.name)), "{row}", "Rows that wait.");
    }

    public ServingMeters(string name, TimeProvider time, Func<int> queued)
    {
        (Name, this.time, this.queued) = (name.Length > 0 ? name : "default", time, queued);
        this.name = new TagList { { DeepServing.NameTag, Name } };
        all[this] = 0;
    }

    public string Name { get; }

    public int LastBatchSize { get; private set; }

    public void BatchBegins(int rows)
    {
        LastBatchSize = rows;
        batchSize.Record(rows, name);
    }

    public void BatchEnds(TimeSpan took) => batchDuration.Record(took.TotalSeconds, name);

    public void Waited(TimeSpan waited) => queueDuration.Record(waited.TotalSeconds, name);

    public void Ended(TimeSpan took, string outcome) => duration.Record(took.TotalSeconds, With(DeepServing.OutcomeTag, outcome));

    public void Refused(PredictionRefusal reason) => rejected.Add(1, With(DeepServing.ReasonTag, reason.ToString()));

    public void Failed(Exception failure) => failed.Add(1, With("error.type", failure.GetType().FullName!));

    public void Reloaded(bool accepted, DateTimeOffset? at)
    {
        if (accepted)
            loadedAt = at;
        reloads.Add(1, With(DeepServing.OutcomeTag, accepted ? "accepted" : "refused"));
    }

    public void Dispose() => all.TryRemove(this, out _);

    private TagList With(string tag, string value) => new() { { DeepServing.NameTag, Name }, { tag, value } };
}
