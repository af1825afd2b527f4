using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests;

/// <summary>A step that notes the number of every row it is fitted on. It copies a column, so that what comes behind it can be told.</summary>
internal class RecordingStep(MLContext ml, string output, string input = "Number") : IEstimator<ITransformer>
{
    protected IEstimator<ITransformer> Copy { get; } = ml.Transforms.CopyColumns(output, input);

    public List<int> FittedOn { get; } = [];

    /// <summary>Gets the types of the views that the step was given.</summary>
    public List<string> Views { get; } = [];

    public virtual ITransformer Fit(IDataView input)
    {
        Note(FittedOn, input);
        return Copy.Fit(input);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Copy.GetOutputSchema(inputSchema);

    protected void Note(List<int> rows, IDataView view)
    {
        Views.Add(view.GetType().Name);
        rows.AddRange(view.GetColumn<int>("Number"));
    }
}

/// <summary>A step that takes a validation set, and notes its rows too.</summary>
internal sealed class ValidatingStep(MLContext ml, string output, string input = "Number") : RecordingStep(ml, output, input)
{
    public List<int> ValidatedOn { get; } = [];

    public int? Patience { get; private set; }

    public ITransformer Fit(IDataView trainData, IDataView validationData, int? patience = 3)
    {
        Patience = patience;
        Note(FittedOn, trainData);
        Note(ValidatedOn, validationData);
        return Copy.Fit(trainData);
    }
}
