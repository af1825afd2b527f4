using MLNet.DeepExtensions;

namespace TextGenerationSample;

/// <summary>Says now and then how training goes: an epoch is longer than a run.</summary>
internal sealed class Steps(int every) : Callback
{
    private double sum;

    public override void OnBatchEnd(TrainingState state)
    {
        sum += state.LastLoss;
        if (state.Step % every != 0)
            return;
        Console.WriteLine($"  step {state.Step,5:N0}/{state.MaxSteps:N0}  loss {sum / every:0.000}");
        sum = 0;
    }
}
