using System.Diagnostics;

namespace MLNet.DeepExtensions;

/// <summary>Ends a run after so many steps, or so much time.</summary>
internal sealed class Limits(long? steps, TimeSpan? time) : Callback
{
    private Stopwatch clock = new();

    public override void OnTrainBegin(TrainingState state) => clock = Stopwatch.StartNew();

    public override void OnBatchEnd(TrainingState state)
    {
        if (state.Step >= steps || clock.Elapsed >= time)
            state.RequestStop(StopReason.LimitReached);
    }
}
