using Microsoft.ML;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>What an example is, and where a trainer finds it: a row of a data view, or a window of a time series.</summary>
internal abstract record ExampleSource
{
    /// <exception cref="ArgumentException">Names are missing, or do not fit together.</exception>
    public abstract void Check();

    /// <summary>Says what a column is to the trainer, for reports; null where it is nothing.</summary>
    public abstract string? RoleOf(string column, SchemaShape schema);

    /// <summary>Checks what an estimator's schema promises, and says which columns scoring adds.</summary>
    public abstract SchemaShape Promise(SchemaShape schema, DeepTask task, OutputForm form, ModelConfig model);

    /// <summary>Finds the columns of the training data: what feeds the network, with vocabularies learnt where there are none, and the task with what it learns from the schema.</summary>
    public abstract (IReadOnlyList<FeatureColumn> Features, DeepTask Task) Bind(IDataView data, DeepTask task, OutputForm form, DeepTrainerOptions options, ModelConfig model);

    /// <summary>Reads a set.</summary>
    public abstract TrainingSet Read(IDataView data, string name, IReadOnlyList<FeatureColumn> features, DeepTask task, MissingFeatures missing, DeepTrainerOptions options, RowMemory memory, IHost host, IChannel channel);

    /// <summary>Looks at the network before its first step, beyond the shape of what it gives.</summary>
    /// <exception cref="ArgumentException">It cannot learn from such examples.</exception>
    public virtual void CheckNetwork(nn.Module network, IReadOnlyList<NetworkColumn> inputs, Device device) { }

    /// <summary>The task with what it learns from the training examples.</summary>
    public virtual DeepTask Learn(DeepTask task, TrainingSet train, IBatchSource batches, bool scaleTargets) =>
        task is RegressionTask numbers && scaleTargets ? numbers with { Scale = train.MeasureTargets(numbers.Width, batches) } : task;

    /// <summary>What becomes of batches that are ready for the network, in training or validation.</summary>
    public virtual IBatchSource Arrange(IBatchSource prepared, DeepTask task, IReadOnlyList<NetworkColumn> inputs, int seed, bool isTraining) => prepared;

    /// <summary>What happens between the columns and the network.</summary>
    public virtual InputPlan Plan(DataViewSchema schema, IReadOnlyList<FeatureColumn> features, Normalization? normalization, TrainingSet train, IBatchSource batches, DeepTask task, int seed) =>
        InputPlan.For(schema, features, normalization, batches, task, seed);
}
