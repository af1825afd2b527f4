using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>A <see cref="RowStep"/> before it has seen data.</summary>
internal sealed class RowStepEstimator : IEstimator<RowStepTransformer>
{
    private readonly IHostEnvironment environment;
    private readonly RowStep step;

    public RowStepEstimator(IHostEnvironment environment, RowStep step)
    {
        Doors.Check();
        ConfigValidation.Check(step, step.Title);
        (this.environment, this.step) = (environment, step);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var promised = inputSchema.ToDictionary(column => column.Name);
        foreach (var column in step.Promise(inputSchema))
            promised[column.Name] = column;
        return new SchemaShape(promised.Values);
    }

    public RowStepTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new RowStepTransformer(environment, step.Fit(input));
    }
}

/// <summary>A <see cref="RowStep"/> at work, saved and loaded as its settings.</summary>
internal sealed class RowStepTransformer(IHostEnvironment environment, RowStep step) : ITransformer
{
    public RowStep Step => step;

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return RowStepMapper.SchemaOf(inputSchema, this);
    }

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return RowStepMapper.View(environment, input, this);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return RowStepMapper.RowMapper(environment, inputSchema, this);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedRowStep.Save(ctx, step);
}
