using Microsoft.ML.Data;
using MLNet.DeepExtensions;

namespace Microsoft.ML;

/// <summary>Training with a validation set for whole pipelines.</summary>
public static class DeepPipelineExtensions
{
    /// <summary>
    /// Fits every step on the training rows alone, and hands each step that has a <c>Fit(train, validation)</c> the validation rows as well, after they
    /// passed through the fitted steps before it: no step learns from them. Chains within the chain and cached checkpoints are kept.
    /// The result is what <c>Fit(train)</c> gives, with the same scopes, and it is saved and loaded the same way.
    /// <para>Such steps are the deep trainers, ML.NET's FastTree, LightGBM, GAM, matrix factorization and field-aware factorization machines, and your own.</para>
    /// <para>A trainer hidden in somebody's wrapper (as by <c>WithOnFitDelegate</c>) is out of reach: it would be fitted on the training rows only.</para>
    /// </summary>
    /// <param name="chain">The pipeline.</param>
    /// <param name="train">The rows to learn from.</param>
    /// <param name="validation">The rows to stop or choose by, with the same columns.</param>
    /// <returns>The fitted pipeline.</returns>
    /// <typeparam name="TLast">The type of the last transformer.</typeparam>
    /// <exception cref="ArgumentException">No step takes a validation set, or the pipeline does not take the validation set's columns.</exception>
    public static TransformerChain<TLast> Fit<TLast>(this EstimatorChain<TLast> chain, IDataView train, IDataView validation) where TLast : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        return (TransformerChain<TLast>)ValidatedFit.Fit(chain, train, validation);
    }

    /// <summary>The same for an estimator whose exact type is not known where it is written: a chain or a single step.</summary>
    /// <param name="estimator">A pipeline or a step that has a <c>Fit(train, validation)</c>.</param>
    /// <param name="train">The rows to learn from.</param>
    /// <param name="validation">The rows to stop or choose by, with the same columns.</param>
    /// <returns>The fitted pipeline or step.</returns>
    /// <typeparam name="TTransformer">What the estimator fits.</typeparam>
    /// <exception cref="ArgumentException">No step takes a validation set, or the pipeline does not take the validation set's columns.</exception>
    public static TTransformer Fit<TTransformer>(this IEstimator<TTransformer> estimator, IDataView train, IDataView validation) where TTransformer : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        return (TTransformer)ValidatedFit.Fit(estimator, train, validation);
    }
}
