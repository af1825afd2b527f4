namespace MLNet.DeepExtensions;

/// <summary>How often each class, or each positive target, occurs among the training rows. A row of weight 2 is two rows.</summary>
/// <param name="PerOutput">The rows of each class; or, where targets are probabilities, the sum of each output's.</param>
/// <param name="Rows">All rows.</param>
internal sealed record TargetCounts(IReadOnlyList<double> PerOutput, double Rows)
{
    /// <summary>
    /// What makes all classes count alike: rows / (classes · rows of the class), as scikit-learn's <c>class_weight="balanced"</c>; classes are those that occur.
    /// A class without rows has nothing to balance: it keeps 1.
    /// </summary>
    public IReadOnlyList<float> ClassWeights
    {
        get
        {
            var classes = PerOutput.Count(count => count > 0);
            return [.. PerOutput.Select(count => count > 0 ? (float)(Rows / (classes * count)) : 1)];
        }
    }

    /// <summary>What makes an output's positive targets count as much as its negative ones: negatives / positives; 1 where one of the two does not occur.</summary>
    public IReadOnlyList<float> PosWeights => [.. PerOutput.Select(positives => positives > 0 && positives < Rows ? (float)((Rows - positives) / positives) : 1)];
}
