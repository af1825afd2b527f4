using MLNet.DeepExtensions;

namespace Mnist;

#region callback
/// <summary>Lets the learning rate fall in a straight line to nothing: large steps first, fine ones at the end.</summary>
internal sealed class LinearDecay : Callback
{
    private double start;

    public override void OnTrainBegin(TrainingState state) => start = state.Optimizer.LearningRate;

    public override void OnBatchEnd(TrainingState state) =>
        state.Optimizer.LearningRate = start * (1 - state.Step / ((double)state.Epochs * state.StepsPerEpoch));
}
#endregion
