using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions.Interop;

/// <summary>
/// Lets ML.NET's own row-mapping view carry our steps: its cursors, its sets of parallel cursors and its prediction engines
/// then treat them as they treat ML.NET's.
/// </summary>
internal sealed class RowStepMapper : IRowMapper
{
    private readonly RowStepTransformer transformer;
    private readonly IReadOnlyList<StepColumn> columns;

    private RowStepMapper(DataViewSchema input, RowStepTransformer transformer) => (this.transformer, columns) = (transformer, transformer.Step.Bind(input));

    public static DataViewSchema SchemaOf(DataViewSchema input, RowStepTransformer transformer) =>
        RowToRowMapperTransform.GetOutputSchema(input, new RowStepMapper(input, transformer));

    public static IDataView View(IHostEnvironment environment, IDataView input, RowStepTransformer transformer) =>
        new RowToRowMapperTransform(environment, input, new RowStepMapper(input.Schema, transformer), schema => new RowStepMapper(schema, transformer));

    public static IRowToRowMapper RowMapper(IHostEnvironment environment, DataViewSchema input, RowStepTransformer transformer) =>
        (IRowToRowMapper)View(environment, new EmptyDataView(environment, input), transformer);

    Func<int, bool> IRowMapper.GetDependencies(Func<int, bool> activeOutput)
    {
        var needed = columns.Where((_, i) => activeOutput(i)).SelectMany(column => column.Beside is { } beside ? new[] { column.Source.Index, beside.Index } : [column.Source.Index]).ToHashSet();
        return needed.Contains;
    }

    DataViewSchema.DetachedColumn[] IRowMapper.GetOutputColumns() =>
        [.. columns.Select(column => new DataViewSchema.DetachedColumn(column.Name, column.Type, column.Annotations))];

    Delegate[] IRowMapper.CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
    {
        var getters = new Delegate[columns.Count];
        var held = new List<IDisposable>();
        for (var i = 0; i < columns.Count; i++)
            if (activeOutput(i))
            {
                (getters[i], var mine) = columns[i].MakeGetter(input);
                if (mine is not null)
                    held.Add(mine);
            }
        disposer = () => held.ForEach(item => item.Dispose());
        return getters;
    }

    ITransformer IRowMapper.GetTransformer() => transformer;

    void ICanSaveModel.Save(ModelSaveContext context) => SavedRowStep.Save(context, transformer.Step);
}
