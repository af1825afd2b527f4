using Microsoft.ML;

namespace MLNet.DeepExtensions.Tool.Models;

/// <summary>Finds the network in a fitted pipeline.</summary>
internal static class TrainedSteps
{
    /// <summary>All steps, those of chains within the chain included.</summary>
    public static IEnumerable<ITransformer> Of(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Of) : [model];

    /// <summary>What happened in training; null for a pipeline without a network of ours, or with one that another engine scores.</summary>
    public static TrainingHistory? FindHistory(ITransformer model) => Of(model).Select(step => step switch
    {
        DeepTransformer network => network.History,
        DeepForecastTransformer forecaster => forecaster.History,
        _ => null,
    }).LastOrDefault(history => history is not null);

    public static TrainingHistory HistoryOf(ITransformer model) => FindHistory(model) ?? throw new InvalidOperationException("The pipeline has no network.");
}
