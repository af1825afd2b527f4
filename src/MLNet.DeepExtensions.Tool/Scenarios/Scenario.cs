using Microsoft.ML;
using MLNet.DeepExtensions.Tool.Answers;
using MLNet.DeepExtensions.Tool.Code;

namespace MLNet.DeepExtensions.Tool.Scenarios;

/// <summary>
/// What is learnt, from what and how. It is decided once, from the command line and a look at the data; then it is both run and written down as C#, so that no setting can differ between the two.
/// What it does stands beside the code that says the same.
/// </summary>
internal abstract record Scenario
{
    /// <summary>Gets the name of the generated class, a C# identifier; files are called after it.</summary>
    public required string Name { get; init; }

    public required string DataPath { get; init; }

    public required ModelConfig Network { get; init; }

    /// <summary>Gets what makes the network, as C#, where it is more than its settings.</summary>
    public string? NetworkCode { get; init; }

    /// <summary>Gets how it is trained, without what listens to one run.</summary>
    public required DeepTrainerOptions Options { get; init; }

    public required int Seed { get; init; }

    /// <summary>Gets what Model Builder calls this scenario.</summary>
    public abstract string ModelBuilderName { get; }

    /// <summary>Gets what comes out.</summary>
    public abstract Answer Answer { get; }

    /// <summary>Gets the columns that the data must have.</summary>
    public abstract IReadOnlyList<InputMember> Members { get; }

    /// <summary>Gets lines that say what was found and decided.</summary>
    public abstract IEnumerable<string> Summary { get; }

    /// <summary>Gets the validation figure to show while training, beside the loss; null for none.</summary>
    public abstract string? WatchedMetric { get; }

    public abstract IDataView Load(MLContext ml);

    public abstract TrainValidationTestData Split(MLContext ml, IDataView data);

    public abstract IEstimator<ITransformer> Pipeline(MLContext ml, DeepTrainerOptions options);

    /// <summary>Gets the statements that load what lies at <c>dataPath</c>, and end with <c>return</c>.</summary>
    public abstract string LoadCode { get; }

    /// <summary>Gets the expression that splits <c>data</c>.</summary>
    public abstract string SplitCode { get; }

    /// <summary>Gets the expression that makes the pipeline of <c>mlContext</c>, <c>network</c> and <c>options</c>.</summary>
    public abstract string PipelineCode { get; }

    /// <summary>Gets the part of the .mbconfig that says where the data is.</summary>
    public abstract object DataSource { get; }

    public string NetworkText => NetworkCode ?? CSharp.Value(Network);
}
