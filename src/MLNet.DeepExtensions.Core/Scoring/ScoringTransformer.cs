using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// A trained network as an ML.NET transformer: adds its output columns to the data, in batches for a data view and row by row for a prediction engine.
/// Any number of threads may use one transformer.
/// </summary>
public abstract partial class ScoringTransformer : ITransformer, IDisposable
{
    private readonly ScoringEngine engine;
    private readonly IReadOnlyList<OutputColumn> outputs;

    // ML.NET's prediction engines dispose the model that they were made from, which others may still use:
    // each engine counts as a holder, and the last one to let go disposes
    private int holders = 1;

    internal ScoringTransformer(ScoringEngine engine)
    {
        this.engine = engine;
        outputs = engine.Task.OutputColumns();
    }

    /// <summary>Gets the name of the column that feeds the network; of several, the first.</summary>
    public string FeatureColumnName => engine.Features[0].Name;

    /// <summary>Gets the type of the column that feeds the network; of several, the first.</summary>
    public DataViewType FeatureColumnType => engine.Features[0].Type;

    /// <summary>Gets the names of all columns that feed the network.</summary>
    public IReadOnlyList<string> FeatureColumnNames => [.. engine.Features.Select(column => column.Name)];

    /// <summary>
    /// Gets how the text column that feeds the network is cut into tokens, with the vocabulary that was learnt in training, if it was: another model that is given it reads texts alike.
    /// Of several text columns, that of the first; null where there is none.
    /// </summary>
    public TextTokenizer? Tokenizer => engine.Features.Select(column => column.Text?.Tokenizer).FirstOrDefault(tokenizer => tokenizer is not null);

    bool ITransformer.IsRowToRowMapper => true;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new ScoredSchema(engine.Features, outputs, inputSchema).Output;
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ObjectDisposedException.ThrowIf(holders <= 0, this);
        return new ScoredDataView(engine, new ScoredSchema(engine.Features, outputs, input.Schema), input);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ObjectDisposedException.ThrowIf(holders <= 0, this);
        var mapper = new ScoringRowMapper(engine, new ScoredSchema(engine.Features, outputs, inputSchema));
        Interlocked.Increment(ref holders);
        return mapper;
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ObjectDisposedException.ThrowIf(holders <= 0, this);
        SavedTransformer.Save(ctx, engine);
    }

    /// <summary>
    /// Lets go of the network. Its memory is freed when the prediction engines made from this transformer are disposed too:
    /// disposing one of several never takes the model away from the others.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref holders) == 0)
            engine.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Frees the network whoever holds it: for an owner who knows that all engines are gone. A chain of transformers passes on its first Dispose alone, so that of several engines made from a chain
    /// only one lets go of us.
    /// </summary>
    internal void DisposeForGood()
    {
        if (Interlocked.Exchange(ref holders, 0) > 0)
            engine.Dispose();
    }
}

/// <summary>The columns of a data view with ours behind them; where each one comes from.</summary>
internal sealed class ScoredSchema
{
    public ScoredSchema(IReadOnlyList<FeatureColumn> features, IReadOnlyList<OutputColumn> outputs, DataViewSchema input)
    {
        Input = input;
        Outputs = outputs;
        Features = [.. features.Select(column => column.Bind(input))];
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        foreach (var output in outputs)
            builder.AddColumn(output.Name, output.Type, output.Annotations);
        Output = builder.ToSchema();
    }

    public DataViewSchema Input { get; }

    public DataViewSchema Output { get; }

    public IReadOnlyList<DataViewSchema.Column> Features { get; }

    public IReadOnlyList<OutputColumn> Outputs { get; }

    /// <summary>Ours stand behind the input's, whose indices stay as they were. A name may occur twice; an index may not.</summary>
    public bool IsOurs(DataViewSchema.Column column) => column.Index >= Input.Count;

    public OutputColumn OursAt(DataViewSchema.Column column) => Outputs[column.Index - Input.Count];

    /// <summary>The input columns that are needed for some output columns.</summary>
    public IEnumerable<DataViewSchema.Column> Needed(IEnumerable<DataViewSchema.Column> outputColumns)
    {
        var indices = new SortedSet<int>();
        foreach (var column in outputColumns)
            if (IsOurs(column))
                indices.UnionWith(Features.Select(feature => feature.Index));
            else
                indices.Add(column.Index);
        return indices.Select(index => Input[index]);
    }
}
