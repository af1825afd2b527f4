using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// A trained forecaster in a pipeline. Save it with <c>mlContext.Model.Save</c>; <c>mlContext.Model.Load</c> needs no registration. Any number of threads may use it.
/// </summary>
public sealed class DeepForecastTransformer : ForecastTransformer
{
    internal DeepForecastTransformer(DeepModel model) : base(new TorchEngine(model)) => Model = model;

    /// <summary>Gets the network with all that belongs to it.</summary>
    public DeepModel Model { get; }

    /// <summary>Gets the network itself, in evaluation mode. It belongs to this transformer.</summary>
    public Module Module => Model.Module;

    /// <summary>Gets what happened in training, epoch by epoch.</summary>
    public TrainingHistory History => Model.History;

    /// <inheritdoc cref="DeepModel.SaveWeights"/>
    public void SaveWeights(string path) => Model.SaveWeights(path);
}
