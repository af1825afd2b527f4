namespace MLNet.DeepExtensions;

/// <summary>Sets the learning rate before each step or epoch, as a schedule says.</summary>
internal sealed class FollowSchedule(ScheduleConfig schedule) : Callback
{
    private double learningRate;

    public override void OnTrainBegin(TrainingState state) => learningRate = state.Optimizer.LearningRate;

    public override void OnEpochBegin(TrainingState state) => Set(state);

    public override void OnBatchEnd(TrainingState state)
    {
        if (schedule.Per == ScheduleUnit.Step)
            Set(state);
    }

    // a source that does not know its length before it was read counts in epochs until then
    private void Set(TrainingState state)
    {
        var (step, steps) = schedule.Per == ScheduleUnit.Step && state.StepsPerEpoch > 0 ? (state.Step, (long)state.Epochs * state.StepsPerEpoch) : (state.Epoch - 1L, state.Epochs);
        state.Optimizer.LearningRate = learningRate * schedule.Factor(Math.Min(step, steps), steps);
    }
}
