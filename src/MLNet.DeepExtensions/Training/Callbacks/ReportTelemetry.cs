using System.Diagnostics;

namespace MLNet.DeepExtensions;

/// <summary>Says to who listens how the run goes; see <see cref="DeepTelemetry"/>.</summary>
internal sealed class ReportTelemetry : Callback, IDisposable
{
    private static readonly TimeSpan betweenGauges = TimeSpan.FromSeconds(1);

    private Activity? epoch;
    private long stepEnded, gauged, rowsThen;

    public override void OnTrainBegin(TrainingState state) => (stepEnded, gauged, rowsThen) = (Stopwatch.GetTimestamp(), 0, 0);

    public override void OnEpochBegin(TrainingState state)
    {
        Dispose();
        epoch = DeepTelemetry.Source.StartActivity(DeepTelemetry.EpochActivity);
        epoch?.SetTag(DeepTelemetry.EpochTag, state.Epoch);
        (stepEnded, rowsThen) = (Stopwatch.GetTimestamp(), 0);
    }

    public override void OnBatchEnd(TrainingState state)
    {
        DeepTelemetry.Steps.Add(1);
        // a run that goes on in the midst of an epoch does not know how many rows its first step had
        if (rowsThen > 0 || state.StepInEpoch == 1)
            DeepTelemetry.Rows.Add(state.RowsInEpoch - rowsThen);
        rowsThen = state.RowsInEpoch;
        var (isTimed, isGauged) = (DeepTelemetry.StepSeconds.Enabled, DeepTelemetry.Loss.Enabled || DeepTelemetry.Rate.Enabled);
        if (!isTimed && !isGauged)
            return;
        var now = Stopwatch.GetTimestamp();
        if (isTimed)
            DeepTelemetry.StepSeconds.Record(Stopwatch.GetElapsedTime(stepEnded, now).TotalSeconds);
        stepEnded = now;
        if (isGauged && (gauged == 0 || Stopwatch.GetElapsedTime(gauged, now) >= betweenGauges))
            Gauge(state, state.MeanLoss, now);
    }

    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        Gauge(state, report.Train["loss"], Stopwatch.GetTimestamp());
        if (report.Validation is { } values)
            DeepTelemetry.LossOfValidation.Record(values["loss"]);
        if (epoch is { IsAllDataRequested: true })
        {
            epoch.SetTag(DeepTelemetry.RowsTag, report.Rows);
            foreach (var (name, value) in report.Train)
                epoch.SetTag("mlnet.deep.train." + name, value);
            foreach (var (name, value) in report.Validation ?? new Dictionary<string, double>())
                epoch.SetTag("mlnet.deep.validation." + name, value);
        }
        Dispose();
    }

    // also where the run ended by an exception
    public void Dispose()
    {
        epoch?.Dispose();
        epoch = null;
    }

    private void Gauge(TrainingState state, double loss, long now)
    {
        DeepTelemetry.Loss.Record(loss);
        DeepTelemetry.Rate.Record(state.Optimizer.LearningRate);
        gauged = now;
    }
}
