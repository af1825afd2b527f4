using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>The columns that a trainer reads.</summary>
internal sealed record TrainingColumns(string Label, IReadOnlyList<InputColumn> Features, string? ExampleWeight)
{
    public TrainingColumns(string label, string feature, InputShape? shape, string? exampleWeight) : this(label, [new InputColumn(feature, shape)], exampleWeight)
    {
    }

    public TrainingColumns(string label, AllColumns features, string? exampleWeight) : this(label, [], exampleWeight) =>
        All = features ?? throw new ArgumentNullException(nameof(features), "Say which columns: AllColumns.But(\"Id\") or AllColumns.Usable.");

    /// <summary>Gets what is taken where the columns are not named one by one.</summary>
    public AllColumns? All { get; init; }

    /// <summary>The feature columns in some data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column cannot feed a network.</exception>
    public IReadOnlyList<InputColumn> FeaturesIn(SchemaShape schema) => All is null ? Features : All.In(schema, Label, ExampleWeight);

    /// <exception cref="ArgumentException">A name is missing, or comes twice.</exception>
    public void Check()
    {
        ArgumentNullException.ThrowIfNull(Features, "featureColumns");
        if (Features.Count == 0 && All is null)
            throw new ArgumentException("Name at least one feature column.", "featureColumns");
        foreach (var column in Features)
            ArgumentException.ThrowIfNullOrEmpty(column?.Name, Features.Count == 1 ? "featureColumnName" : "featureColumns");
        if (Features.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Feature column '{twice.Key}' is named {twice.Count()} times; name each column once.", "featureColumns");
    }
}
