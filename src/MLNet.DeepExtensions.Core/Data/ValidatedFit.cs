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
        return FitStep(pipeline, train, validation, []);
    }

    // earlier: the fitted steps whose output arrives here, in their order
    private static ITransformer FitStep(IEstimator<ITransformer> step, IDataView train, IDataView validation, List<ITransformer> earlier)
    {
        if (EstimatorChains.Open(step) is { } chain)
            return FitChain(chain, train, validation, earlier);
        if (TwoArgumentFit(step) is not { } fit)
            return step.Fit(train);
        CheckAugmentationsArrive(train.Schema, earlier);
        return Invoke(fit, step, train, validation);
    }

    // a note beside a column is easily lost: whoever makes a column anew in its place drops it
    private static void CheckAugmentationsArrive(DataViewSchema schema, List<ITransformer> earlier)
    {
        var last = earlier.FindLastIndex(step => step is RowStepTransformer { Step: AugmentStep { Augmentations.Count: > 0 } });
        if (last < 0 || schema.Any(column => !column.IsHidden && AugmentStep.HasNote(column)))
            return;
        var step = (AugmentStep)((RowStepTransformer)earlier[last]).Step;
        throw new InvalidOperationException($"{step.Title}(\"{step.ColumnName}\", …) stands before the trainer, but what it noted beside column '{step.ColumnName}' does not arrive there: " +
            $"one of the steps between them makes the column anew ({string.Join(", ", earlier[(last + 1)..].Select(step => step.GetType().Name))}). Put {step.Title} right before the trainer.");
    }

    private static ITransformer FitChain(EstimatorChains chain, IDataView train, IDataView validation, List<ITransformer> earlier)
    {
        chain.Chain.GetOutputSchema(SchemaDoors.ShapeOf(train.Schema));
        var fitted = new ITransformer[chain.Steps.Count];
        for (var i = 0; i < fitted.Length; i++)
        {
            fitted[i] = FitStep(chain.Steps[i], train, validation, earlier);
            if (EstimatorChains.Open(chain.Steps[i]) is null)
                earlier.Add(fitted[i]);
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
