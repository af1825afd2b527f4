using Microsoft.ML;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// A trained network in a pipeline. Scores in batches for a data view and row by row for a prediction engine; any number of threads may use it.
/// Save it with <c>mlContext.Model.Save</c>; <c>mlContext.Model.Load</c> needs no registration.
/// </summary>
public sealed class DeepTransformer : ScoringTransformer, ISingleFeaturePredictionTransformer<DeepModel>
{
    internal DeepTransformer(DeepModel model) : base(new TorchEngine(model)) => Model = model;

    /// <summary>Gets the network with all that belongs to it.</summary>
    public DeepModel Model { get; }

    /// <summary>Gets the network itself, in evaluation mode. It belongs to this transformer.</summary>
    public Module<Tensor, Tensor> Module => Model.Module;

    /// <summary>Gets what happened in training, epoch by epoch.</summary>
    public TrainingHistory History => Model.History;

    /// <inheritdoc cref="DeepModel.Summary"/>
    public ModelSummary Summary() => Model.Summary();

    /// <inheritdoc cref="DeepModel.SaveWeights"/>
    public void SaveWeights(string path) => Model.SaveWeights(path);
}
