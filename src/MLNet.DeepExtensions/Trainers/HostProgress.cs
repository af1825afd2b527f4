using System.Globalization;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// Tells ML.NET's host how the run goes: a line in <c>mlContext.Log</c> for each epoch and now and then within a long one, and its progress channel; stops where the host was cancelled.
/// </summary>
internal sealed class HostProgress(IHost host, TimeProvider clock) : Callback, IDisposable
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(10);

    private readonly IChannel channel = host.Start("Training");
    private readonly IProgressChannel progress = host.StartProgressChannel("Training");
    private readonly Pace pace = new(clock);
    private long said;

    public override void OnTrainBegin(TrainingState state)
    {
        said = clock.GetTimestamp();
        pace.TrainBegin();
        // the host asks from a thread of its own: counters it may read at any time, the pace not
        progress.SetHeader(new ProgressHeader(["loss"], ["epochs", "steps"]), entry =>
        {
            entry.SetProgress(0, state.Epoch, state.Epochs);
            entry.SetProgress(1, state.StepInEpoch, state.StepsPerEpoch);
        });
    }

    public override void OnEpochBegin(TrainingState state) => pace.EpochBegin(state);

    public override void OnBatchEnd(TrainingState state)
    {
        HostDoors.CheckAlive(host);
        var now = pace.StepEnd(state);
        if (clock.GetElapsedTime(said, now) < interval)
            return;
        said = now;
        HostDoors.Info(channel, pace.Describe(state).ToString());
    }

    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        said = clock.GetTimestamp();
        pace.EpochEnd(state);
        progress.Checkpoint(report.Train["loss"], report.Epoch, state.StepsPerEpoch);
        var left = pace.Describe(state, report).RunRemaining is { Ticks: > 0 } time ? $"; {RunProgress.Clock(time)} left" : "";
        HostDoors.Info(channel, string.Create(CultureInfo.InvariantCulture,
            $"Epoch {report.Epoch}/{report.Epochs}: {Describe("training", report.Train)}{(report.Validation is { } values ? "; " + Describe("validation", values) : "")}; " +
            $"{report.Duration.TotalSeconds:0.00} s, {report.Rows / report.Duration.TotalSeconds:0} rows/s, learning rate {report.LearningRate:0.######}{left}"));
    }

    public override void OnTrainEnd(TrainingState state)
    {
        if (state.Stopping is { } reason)
            HostDoors.Info(channel, $"Stopped in epoch {state.Epoch} ({reason}); the weights are those of epoch {state.BestEpoch}.");
    }

    public void Dispose()
    {
        progress.Dispose();
        channel.Dispose();
    }

    private static string Describe(string set, IReadOnlyDictionary<string, double> values) =>
        string.Join(", ", values.Select(value => string.Create(CultureInfo.InvariantCulture, $"{set} {value.Key} {value.Value:0.0000}")));
}
