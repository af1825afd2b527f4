using System.Text.Json.Nodes;

namespace MLNet.DeepExtensions;

/// <summary>
/// Writes checkpoints while a run goes on. It stands behind all other callbacks, so that it sees what they made of a step. One that cannot be written costs a warning, not the run:
/// the earlier ones are still there, and the next one is tried.
/// </summary>
/// <param name="folder">Where to.</param>
/// <param name="policy">When.</param>
/// <param name="settings">What the run was asked for.</param>
/// <param name="others">What else takes part.</param>
/// <param name="writtenBefore">The step that is already there, of a run that goes on.</param>
/// <param name="warn">Is told of what could not be written.</param>
internal sealed class WriteCheckpoints(CheckpointFolder folder, CheckpointPolicy policy, JsonNode settings, IReadOnlyList<Callback> others, long writtenBefore, Action<string> warn) : Callback
{
    private long written = writtenBefore;

    public override void OnBatchEnd(TrainingState state)
    {
        // the last step of an epoch waits for the epoch's end, where it is known which that is
        if (policy.EverySteps is { } every && state.Step % every == 0 && (state.StepInEpoch < state.StepsPerEpoch || state.StepsPerEpoch == 0))
            Write(state);
    }

    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        if (report.Epoch % policy.EveryEpochs == 0 || report.Epoch == state.Epochs || state.Stopping is not null)
            Write(state);
    }

    public override void OnTrainEnd(TrainingState state)
    {
        if (!MayGoOn(state))
            Write(state, finished: true);
    }

    /// <summary>
    /// Stands before all other callbacks: one who cancels, or has more time later, may come back, so the last step is kept before anybody puts the best weights in its place.
    /// </summary>
    public Callback AtStop() => new Stop(this);

    private static bool MayGoOn(TrainingState state) => state.Stopping is StopReason.Cancelled or StopReason.LimitReached;

    private void Write(TrainingState state, bool finished = false)
    {
        try
        {
            using var checkpoint = Checkpoint.Of(state, others, settings, finished);
            folder.Save(checkpoint);
            written = state.Step;
        }
        // a file that is too large for its file system is an argument out of range, in .NET
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" })
        {
            warn($"The checkpoint of step {state.Step} could not be written to '{policy.Folder}': {e.Message} " +
                (finished ? "The run has ended all the same; the same call would go on from an earlier one." : "Training goes on; if it is interrupted, it will go on from an earlier one."));
        }
    }

    private sealed class Stop(WriteCheckpoints owner) : Callback
    {
        public override void OnTrainEnd(TrainingState state)
        {
            if (MayGoOn(state) && owner.written < state.Step)
                owner.Write(state);
        }
    }
}
