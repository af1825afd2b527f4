using System.Text.Json.Nodes;

namespace MLNet.DeepExtensions;

/// <summary>
/// Writes checkpoints while a run goes on. It stands behind all other callbacks, so that it sees what they made of a step, and copies the state; a background thread writes the copy while the next
/// steps are made, one checkpoint at a time: disks that must confirm what they hold are slow. One that cannot be written costs a warning, not the run: the earlier ones are still there, and the next one is tried.
/// </summary>
/// <param name="folder">Where to.</param>
/// <param name="policy">When.</param>
/// <param name="settings">What the run was asked for.</param>
/// <param name="others">What else takes part.</param>
/// <param name="writtenBefore">The step that is already there, of a run that goes on.</param>
/// <param name="warn">Is told of what could not be written.</param>
internal sealed class WriteCheckpoints(CheckpointFolder folder, CheckpointPolicy policy, JsonNode settings, IReadOnlyList<Callback> others, long writtenBefore, Action<string> warn) : Callback, IDisposable
{
    private long written = writtenBefore;
    private Task writing = Task.CompletedTask;
    private (long Step, bool IsFinal) current;

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
        Finish();
    }

    /// <summary>Waits for what is being written, also where the run broke off.</summary>
    public void Dispose() => Finish();

    /// <summary>
    /// Stands before all other callbacks: one who cancels, or has more time later, may come back, so the last step is kept before anybody puts the best weights in its place.
    /// </summary>
    public Callback AtStop() => new Stop(this);

    private static bool MayGoOn(TrainingState state) => state.Stopping is StopReason.Cancelled or StopReason.LimitReached;

    private void Write(TrainingState state, bool finished = false)
    {
        Finish();
        var checkpoint = Checkpoint.Of(state, others, settings, finished);
        current = (state.Step, finished);
        writing = Task.Run(() =>
        {
            using (checkpoint)
                folder.Save(checkpoint);
        });
    }

    private void Finish()
    {
        var (task, (step, isFinal)) = (writing, current);
        writing = Task.CompletedTask;
        if (task == Task.CompletedTask)
            return;
        try
        {
            task.GetAwaiter().GetResult();
            written = step;
        }
        // a file that is too large for its file system is an argument out of range, in .NET
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" })
        {
            warn($"The checkpoint of step {step} could not be written to '{policy.Folder}': {e.Message} " +
                (isFinal ? "The run has ended all the same; the same call would go on from an earlier one." : "Training goes on; if it is interrupted, it will go on from an earlier one."));
        }
    }

    private sealed class Stop(WriteCheckpoints owner) : Callback
    {
        public override void OnTrainEnd(TrainingState state)
        {
            owner.Finish();
            if (MayGoOn(state) && owner.written < state.Step)
                owner.Write(state);
        }
    }
}
