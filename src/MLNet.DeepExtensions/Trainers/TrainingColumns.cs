using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>The columns that a trainer reads, an example a row.</summary>
internal sealed record TrainingColumns(string Label, IReadOnlyList<InputColumn> Features, string? ExampleWeight) : ExampleSource
{
    public TrainingColumns(string label, string feature, InputShape? shape, string? exampleWeight) : this(label, [new InputColumn(feature, shape)], exampleWeight)
    {
    }

    public TrainingColumns(string label, AllColumns features, string? exampleWeight) : this(label, [], exampleWeight) =>
        All = features ?? throw new ArgumentNullException(nameof(features), "Say which columns: AllColumns.But(\"Id\") or AllColumns.Usable.");

    /// <summary>Gets what is taken where the columns are not named one by one.</summary>
    public AllColumns? All { get; init; }

    /// <exception cref="ArgumentException">A name is missing, or comes twice, or a tokenizer has a setting out of its range.</exception>
    public override void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(Label, "labelColumnName");
        ArgumentNullException.ThrowIfNull(Features, "featureColumns");
        if (Features.Count == 0 && All is null)
            throw new ArgumentException("Name at least one feature column.", "featureColumns");
        foreach (var column in Features)
        {
            ArgumentException.ThrowIfNullOrEmpty(column?.Name, Features.Count == 1 ? "featureColumnName" : "featureColumns");
            if (column.Tokenizer is not null || column.MaxTokens is not null)
                ConfigValidation.Check(column, $"InputColumn(\"{column.Name}\")");
        }
        if (Features.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Feature column '{twice.Key}' is named {twice.Count()} times; name each column once.", "featureColumns");
    }

    public override string? RoleOf(string column, SchemaShape schema) =>
        column == Label ? "label" : column == ExampleWeight ? "weight" : FeaturesIn(schema).Any(feature => feature.Name == column) ? "features" : null;

    public override SchemaShape Promise(SchemaShape schema, DeepTask task, OutputForm form, ModelConfig model)
    {
        foreach (var column in FeaturesIn(schema))
            FeatureColumn.Check(schema, column.Name, column.Shape, readsText: (column.Tokenizer ?? model.TokenizerFor(column.Name)) is not null);
        var label = FeatureColumn.Require(schema, Label, "label");
        task.CheckLabel(label);
        var promised = schema.ToDictionary(column => column.Name);
        foreach (var column in task.Promise(label))
            promised[column.Name] = column;
        return new SchemaShape(promised.Values);
    }

    public override (IReadOnlyList<FeatureColumn> Features, DeepTask Task) Bind(IDataView data, DeepTask task, OutputForm form, DeepTrainerOptions options, ModelConfig model) => (
        [.. FeaturesIn(SchemaDoors.ShapeOf(data.Schema)).Select(column => FeatureColumn.Find(data.Schema, column.Name, column.Shape, TextOf(column, data, options, model)) with { BrokenImages = options.BrokenImages })],
        task.Fit(FeatureColumn.Require(data.Schema, Label, "label"), form));

    public override TrainingSet Read(IDataView data, string name, IReadOnlyList<FeatureColumn> features, DeepTask task, MissingFeatures missing, DeepTrainerOptions options, RowMemory memory, IHost host,
        IChannel channel) => TrainingSet.Read(new RowSource(data, features, task, Label, ExampleWeight, missing), name, memory, options.CacheFolder is not null, host, channel);

    // a vocabulary is learnt from the training rows alone
    private static TextColumn? TextOf(InputColumn column, IDataView data, DeepTrainerOptions options, ModelConfig model) =>
        (column.Tokenizer ?? options.InitialWeights?.Tokenizer ?? model.TokenizerFor(column.Name)) is { } tokenizer &&
        data.Schema.GetColumnOrNull(column.Name) is { Type: TextDataViewType } text
        ? new TextColumn { Tokenizer = tokenizer.IsFitted ? tokenizer : tokenizer.Fit(data.GetColumn<string>(text)), MaxTokens = column.MaxTokens ?? model.MaxTokensFor(column.Name) } : null;

    // the columns in some data
    private IReadOnlyList<InputColumn> FeaturesIn(SchemaShape schema) => All is null ? Features : All.In(schema, Label, ExampleWeight);
}
