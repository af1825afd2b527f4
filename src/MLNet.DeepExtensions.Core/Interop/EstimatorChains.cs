using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions.Interop;

/// <summary>
/// What an <see cref="EstimatorChain{TLastTransformer}"/> holds. Its fields are private even to its own assembly, so reflection reads them.
/// </summary>
internal sealed class EstimatorChains
{
    private readonly Type lastTransformer;
    private readonly IHost? host;
    private readonly TransformerScope[] scopes;
    private readonly bool[] needCacheAfter;

    private EstimatorChains(IEstimator<ITransformer> chain)
    {
        Doors.Check();
        Chain = chain;
        lastTransformer = chain.GetType().GetGenericArguments()[0];
        host = (IHost?)Read("_host");
        Steps = (IEstimator<ITransformer>[])Read("_estimators")!;
        scopes = (TransformerScope[])Read("_scopes")!;
        needCacheAfter = (bool[])Read("_needCacheAfter")!;
    }

    public IEstimator<ITransformer> Chain { get; }

    public IReadOnlyList<IEstimator<ITransformer>> Steps { get; }

    /// <summary>Opens a chain; null for any other estimator.</summary>
    public static EstimatorChains? Open(IEstimator<ITransformer> estimator) =>
        estimator.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(EstimatorChain<>) ? new EstimatorChains(estimator) : null;

    /// <summary>Keeps a set in memory where the chain asks for it after this step. After the last step it is of no use, and ML.NET does not do it either.</summary>
    public IDataView CacheAfter(int step, IDataView data) => needCacheAfter[step] && step < Steps.Count - 1 ? new CacheDataView(host!, data, null) : data;

    /// <summary>Puts the fitted steps into the transformer chain that the estimator chain's own Fit would give, with its scopes.</summary>
    public ITransformer Assemble(ITransformer[] fitted) => (ITransformer)Activator.CreateInstance(
        typeof(TransformerChain<>).MakeGenericType(lastTransformer), BindingFlags.Instance | BindingFlags.Public | BindingFlags.DoNotWrapExceptions, null,
        [(IEnumerable<ITransformer>)fitted, (IEnumerable<TransformerScope>)scopes], null)!;

    /// <summary>What the rows that a step was fitted on look like to the steps behind it: for a few steps not what other rows look like.</summary>
    public static IDataView TransformTrainingRows(ITransformer fitted, IDataView train) =>
        fitted is ITransformerWithDifferentMappingAtTrainingTime different ? different.TransformForTrainingPipeline(train) : fitted.Transform(train);

    private object? Read(string field) => Chain.GetType().GetField(field, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(Chain);
}
