using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>A data set in three parts, each a view of the source's rows in the source's order. No row is in two of them.</summary>
public sealed class TrainValidationTestData
{
    internal TrainValidationTestData(IDataView train, IDataView validation, IDataView test) => (Train, Validation, Test) = (train, validation, test);

    /// <summary>Gets the rows to learn from.</summary>
    public IDataView Train { get; }

    /// <summary>Gets the rows to choose by: when to stop, which settings to keep.</summary>
    public IDataView Validation { get; }

    /// <summary>Gets the rows to judge the finished model by, once.</summary>
    public IDataView Test { get; }

    /// <summary>Takes the three parts at once: <c>var (train, validation, test) = mlContext.Data.TrainValidationTestSplit(data);</c>.</summary>
    /// <param name="train">The rows to learn from.</param>
    /// <param name="validation">The rows to choose by.</param>
    /// <param name="test">The rows to judge by.</param>
    public void Deconstruct(out IDataView train, out IDataView validation, out IDataView test) => (train, validation, test) = (Train, Validation, Test);
}
