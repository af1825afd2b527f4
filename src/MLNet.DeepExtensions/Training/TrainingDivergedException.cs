namespace MLNet.DeepExtensions;

/// <summary>The loss became infinite or NaN: the training was stopped, since every later step would be lost.</summary>
/// <param name="epoch">The epoch, from 1.</param>
/// <param name="step">The optimizer step since the start of the run, from 1.</param>
/// <param name="learningRate">The learning rate of that step.</param>
/// <param name="loss">The loss.</param>
public sealed class TrainingDivergedException(int epoch, long step, double learningRate, double loss) : Exception(
    $"The loss became {loss} in epoch {epoch}, step {step}, with a learning rate of {learningRate}. Try a smaller learning rate, " +
    "and check that the features are scaled (mlContext.Transforms.NormalizeMeanVariance) and hold no extreme values.")
{
    /// <summary>Gets the epoch, from 1.</summary>
    public int Epoch { get; } = epoch;

    /// <summary>Gets the optimizer step since the start of the run, from 1.</summary>
    public long Step { get; } = step;

    /// <summary>Gets the learning rate of that step.</summary>
    public double LearningRate { get; } = learningRate;

    /// <summary>Gets the loss: infinite or NaN.</summary>
    public double Loss { get; } = loss;
}
