using System.Text.Json.Nodes;

namespace MLNet.DeepExtensions;

/// <summary>Writes checkpoints while a run goes on. It stands behind all other callbacks, so that it sees what they made of a step.</summary>
internal sealed class WriteCheckpoints(CheckpointFolder folder, CheckpointPolicy policy, JsonNode settings, IReadOnlyList<Callback> others) : Callback
{
    private long written;
    private bool isMidway;

    public override void OnTrainBegin(TrainingState state) => written = state.Step;

    public override void OnEpochBegin(TrainingState state) => isMidway = true;

    public override void OnBatchEnd(TrainingState state)
    {
        // the last step of an epoch waits for the epoch's end
        if (policy.EverySteps is { } every && state.Step % every == 0 && state.StepInEpoch < state.StepsPerEpoch)
            Write(state, afterEpoch: false);
    }

    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        isMidway = false;
        if (report.Epoch % policy.EveryEpochs == 0 || report.Epoch == state.Epochs || state.Stopping is not null)
            Write(state, afterEpoch: true);
    }

    public override void OnTrainEnd(TrainingState state)
    {
        if (MayGoOn(state))
            return;
        using var final = Checkpoint.Of(state, others, settings, afterEpoch: true, finished: true);
        folder.Save(final);
    }

    /// <summary>
    /// Stands before all other callbacks: one who cancels, or has more time later, may come back, so the last step is kept before anybody puts the best weights in its place.
    /// </summary>
    public Callback AtStop() => new Stop(this);

    private static bool MayGoOn(TrainingState state) => state.Stopping is StopReason.Cancelled or StopReason.LimitReached;

    private void Write(TrainingState state, bool afterEpoch)
    {
        using var checkpoint = Checkpoint.Of(state, others, settings, afterEpoch);
        folder.Save(checkpoint);
        written = state.Step;
    }

    private sealed class Stop(WriteCheckpoints owner) : Callback
    {
        public override void OnTrainEnd(TrainingState state)
        {
            if (MayGoOn(state) && owner.written < state.Step)
                owner.Write(state, afterEpoch: !owner.isMidway);
        }
    }
}
