using System.Reflection;
using Microsoft.ML;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// Fits the steps of a pipeline in turn on the training rows alone. The validation rows pass through the fitted steps, and a step that can use them gets them.
/// </summary>
internal static class ValidatedFit
{
    public static ITransformer Fit(IEstimator<ITransformer> pipeline, IDataView train, IDataView validation)
    {
        var steps = Flatten(pipeline).ToList();
        if (!steps.Any(step => TwoArgumentFit(step) is not null))
            throw new ArgumentException($"The pipeline has no step that takes a validation set; its steps are: {string.Join(", ", steps.Select(NameOf))}. " +
                "Use Fit(train), or add a trainer with a Fit(train, validation) of its own. One that is hidden in a wrapper, such as WithOnFitDelegate's, cannot be reached.", nameof(pipeline));
        // before the first step takes its time
        pipeline.GetOutputSchema(SchemaDoors.ShapeOf(train.Schema));
        try
        {
            pipeline.GetOutputSchema(SchemaDoors.ShapeOf(validation.Schema));
        }
        catch (Exception e)
        {
            throw new ArgumentException($"The pipeline takes the columns of the training set but not those of the validation set: {e.Message}", nameof(validation), e);
        }
        return FitStep(pipeline, train, validation);
    }

    private static ITransformer FitStep(IEstimator<ITransformer> step, IDataView train, IDataView validation)
    {
        if (EstimatorChains.Open(step) is { } chain)
            return FitChain(chain, train, validation);
        return TwoArgumentFit(step) is { } fit ? Invoke(fit, step, train, validation) : step.Fit(train);
    }

    private static ITransformer FitChain(EstimatorChains chain, IDataView train, IDataView validation)
    {
        chain.Chain.GetOutputSchema(SchemaDoors.ShapeOf(train.Schema));
        var fitted = new ITransformer[chain.Steps.Count];
        for (var i = 0; i < fitted.Length; i++)
        {
            fitted[i] = FitStep(chain.Steps[i], train, validation);
            train = chain.CacheAfter(i, EstimatorChains.TransformTrainingRows(fitted[i], train));
            validation = chain.CacheAfter(i, fitted[i].Transform(validation));
        }
        return chain.Assemble(fitted);
    }

    private static IEnumerable<IEstimator<ITransformer>> Flatten(IEstimator<ITransformer> estimator) =>
        EstimatorChains.Open(estimator) is { } chain ? chain.Steps.SelectMany(Flatten) : [estimator];

    // Fit(train, validation), and whatever comes after may be left out: FastTree, LightGBM, GAM, matrix factorization, and ours
    private static MethodInfo? TwoArgumentFit(IEstimator<ITransformer> step) => step.GetType().GetMethods(BindingFlags.Instance | BindingFlags.Public)
        .Where(method => method.Name == nameof(IEstimator<ITransformer>.Fit) && !method.IsGenericMethodDefinition && typeof(ITransformer).IsAssignableFrom(method.ReturnType))
        .Where(method => method.GetParameters() is [var first, var second, .. var others] && first.ParameterType == typeof(IDataView) && second.ParameterType == typeof(IDataView)
            && others.All(parameter => parameter.HasDefaultValue))
        .MinBy(method => method.GetParameters().Length);

    private static ITransformer Invoke(MethodInfo fit, IEstimator<ITransformer> step, IDataView train, IDataView validation) =>
        (ITransformer)fit.Invoke(step, BindingFlags.DoNotWrapExceptions, null, [train, validation, .. fit.GetParameters()[2..].Select(parameter => parameter.DefaultValue)], null)!;

    private static string NameOf(IEstimator<ITransformer> step) => step.GetType().Name.Split('`')[0];
}
