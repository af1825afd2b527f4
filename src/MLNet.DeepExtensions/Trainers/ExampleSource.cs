using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions;

/// <summary>What an example is, and where a trainer finds it: a row of a data view, or a window of a time series.</summary>
internal abstract record ExampleSource
{
    /// <exception cref="ArgumentException">Names are missing, or do not fit together.</exception>
    public abstract void Check();

    /// <summary>Says what a column is to the trainer, for reports; null where it is nothing.</summary>
    public abstract string? RoleOf(string column);

    /// <summary>Checks what an estimator's schema promises, and says which columns scoring adds.</summary>
    public abstract SchemaShape Promise(SchemaShape schema, DeepTask task, OutputForm form);

    /// <summary>Finds the columns: what feeds the network, and the task with what it learns from the schema.</summary>
    public abstract (IReadOnlyList<FeatureColumn> Features, DeepTask Task) Bind(DataViewSchema schema, DeepTask task, OutputForm form, DeepTrainerOptions options);

    /// <summary>Reads a set.</summary>
    public abstract TrainingSet Read(IDataView data, string name, IReadOnlyList<FeatureColumn> features, DeepTask task, DeepTrainerOptions options, RowMemory memory, IHost host, IChannel channel);

    /// <summary>The task with what it learns from the training examples.</summary>
    public virtual DeepTask Learn(DeepTask task, TrainingSet train, IBatchSource batches, bool scaleTargets) =>
        task is RegressionTask numbers && scaleTargets ? numbers with { Scale = train.MeasureTargets(numbers.Width, batches) } : task;

    /// <summary>What happens between the columns and the network.</summary>
    public virtual InputPlan Plan(DataViewSchema schema, IReadOnlyList<FeatureColumn> features, Normalization? normalization, TrainingSet train, IBatchSource batches, DeepTask task, int seed) =>
        InputPlan.For(schema, features, normalization, batches, task, seed);
}

/// <summary>The columns that a trainer reads, an example a row.</summary>
internal sealed record TrainingColumns(string Label, IReadOnlyList<InputColumn> Features, string? ExampleWeight) : ExampleSource
{
    public TrainingColumns(string label, string feature, InputShape? shape, string? exampleWeight) : this(label, [new InputColumn(feature, shape)], exampleWeight)
    {
    }

    /// <exception cref="ArgumentException">A name is missing, or comes twice.</exception>
    public override void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(Label, "labelColumnName");
        ArgumentNullException.ThrowIfNull(Features, "featureColumns");
        if (Features.Count == 0)
            throw new ArgumentException("Name at least one feature column.", "featureColumns");
        foreach (var column in Features)
            ArgumentException.ThrowIfNullOrEmpty(column?.Name, Features.Count == 1 ? "featureColumnName" : "featureColumns");
        if (Features.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Feature column '{twice.Key}' is named {twice.Count()} times; name each column once.", "featureColumns");
    }

    public override string? RoleOf(string column) => column == Label ? "label" : Features.Any(feature => feature.Name == column) ? "features" : column == ExampleWeight ? "weight" : null;

    public override SchemaShape Promise(SchemaShape schema, DeepTask task, OutputForm form)
    {
        foreach (var column in Features)
            FeatureColumn.Check(schema, column.Name, column.Shape);
        var label = FeatureColumn.Require(schema, Label, "label");
        task.CheckLabel(label);
        var promised = schema.ToDictionary(column => column.Name);
        foreach (var column in task.Promise(label))
            promised[column.Name] = column;
        return new SchemaShape(promised.Values);
    }

    public override (IReadOnlyList<FeatureColumn> Features, DeepTask Task) Bind(DataViewSchema schema, DeepTask task, OutputForm form, DeepTrainerOptions options) => (
        [.. Features.Select(column => FeatureColumn.Find(schema, column.Name, column.Shape) with { BrokenImages = options.BrokenImages })],
        task.Fit(FeatureColumn.Require(schema, Label, "label"), form));

    public override TrainingSet Read(IDataView data, string name, IReadOnlyList<FeatureColumn> features, DeepTask task, DeepTrainerOptions options, RowMemory memory, IHost host, IChannel channel) =>
        TrainingSet.Read(new RowSource(data, features, task, Label, ExampleWeight, options.MissingFeatures), name, memory, options.CacheFolder is not null, host, channel);
}
