using System.Globalization;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Tells ML.NET's host how the run goes: a line in <c>mlContext.Log</c> for each epoch, and its progress channel; stops where the host was cancelled.</summary>
internal sealed class HostProgress(IHost host) : Callback, IDisposable
{
    private readonly IChannel channel = host.Start("Training");
    private readonly IProgressChannel progress = host.StartProgressChannel("Training");
    private TrainingState? state;

    public override void OnTrainBegin(TrainingState state)
    {
        this.state = state;
        progress.SetHeader(new ProgressHeader(["loss"], ["epochs", "steps"]), entry =>
        {
            entry.SetProgress(0, this.state.Epoch, this.state.Epochs);
            entry.SetProgress(1, this.state.StepInEpoch, this.state.StepsPerEpoch);
        });
    }

    public override void OnBatchEnd(TrainingState state) => HostDoors.CheckAlive(host);

    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        progress.Checkpoint(report.Train["loss"], report.Epoch, state.StepsPerEpoch);
        HostDoors.Info(channel, string.Create(CultureInfo.InvariantCulture,
            $"Epoch {report.Epoch}/{report.Epochs}: {Describe("training", report.Train)}{(report.Validation is { } values ? "; " + Describe("validation", values) : "")}; " +
            $"{report.Duration.TotalSeconds:0.00} s, {report.Rows / report.Duration.TotalSeconds:0} rows/s, learning rate {report.LearningRate:0.######}"));
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
