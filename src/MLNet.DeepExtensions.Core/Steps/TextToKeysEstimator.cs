using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Makes a key of each text column that it finds, in place, by ML.NET's own MapValueToKey.</summary>
internal sealed class TextToKeysEstimator(TransformsCatalog.ConversionTransforms catalog, IReadOnlyCollection<string> excluded, int most) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return StepFor(Interop.SchemaDoors.ShapeOf(input.Schema))?.Fit(input) ?? new TransformerChain<ITransformer>();
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return StepFor(inputSchema)?.GetOutputSchema(inputSchema) ?? inputSchema;
    }

    /// <exception cref="ArgumentOutOfRangeException">A column that is to be left out is not there.</exception>
    private IEstimator<ITransformer>? StepFor(SchemaShape schema)
    {
        if (excluded.Except(schema.Select(column => column.Name)).FirstOrDefault() is { } absent)
            throw new ArgumentOutOfRangeException(nameof(schema), $"MapTextToKeys leaves out column '{absent}', which is not in the data; it has: {string.Join(", ", schema.Select(column => column.Name))}.");
        var pairs = schema.Where(column => column.ItemType is TextDataViewType && !column.IsKey && !excluded.Contains(column.Name))
            .Select(column => new InputOutputColumnPair(column.Name)).ToArray();
        return pairs.Length == 0 ? null : catalog.MapValueToKey(pairs, maximumNumberOfKeys: most);
    }
}
