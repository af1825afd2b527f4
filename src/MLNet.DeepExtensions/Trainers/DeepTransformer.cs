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
    public Module Module => Model.Module;

    /// <summary>Gets what happened in training, epoch by epoch.</summary>
    public TrainingHistory History => Model.History;

    /// <inheritdoc cref="DeepModel.Adapter"/>
    public AdapterWeights? Adapter => Model.Adapter;

    /// <inheritdoc cref="DeepModel.Summary"/>
    public ModelSummary Summary() => Model.Summary();

    /// <summary>
    /// Takes a copy of the weights for another training to start from: <c>InitialWeights = model</c> does the same. A last layer with another number of outputs, or for other
    /// classes, starts anew, and the log says so; what is measured in the data (normalisation, the scale of targets) is measured anew. Where the network reads one column of text, its tokenizer comes along,
    /// for every column of text that has none of its own.
    /// </summary>
    /// <returns>The weights; this transformer may be disposed.</returns>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public PretrainedWeights ToPretrainedWeights()
    {
        Model.Enter();
        try
        {
            var tokenizer = Model.Saved.Inputs.Select(input => input.Features.Text).OfType<TextColumn>().ToList() is [var text] ? text.Tokenizer : null;
            if (Model.Saved.Task is MaskedTokensTask masked)
                tokenizer = tokenizer! with { ReadsSpecialTokens = masked.ReadsSpecialTokens };
            return new PretrainedWeights(Module) { Classes = Model.Labels.Count > 0 ? Model.Labels : null, Tokenizer = tokenizer };
        }
        finally
        {
            Model.Leave();
        }
    }

    /// <inheritdoc cref="ToPretrainedWeights"/>
    /// <param name="transformer">The trained network.</param>
    public static implicit operator PretrainedWeights(DeepTransformer transformer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        return transformer.ToPretrainedWeights();
    }

    /// <inheritdoc cref="DeepModel.SaveWeights"/>
    public void SaveWeights(string path) => Model.SaveWeights(path);
}
