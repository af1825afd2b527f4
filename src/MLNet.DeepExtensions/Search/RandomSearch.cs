using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Trains each candidate to its end. Where few of many settings matter, as is usual, random candidates try more values of those few than a grid does (Bergstra and Bengio:
/// Random Search for Hyper-Parameter Optimization, JMLR 2012).
/// </summary>
public sealed record RandomSearch : HyperparameterSearch
{
    /// <summary>Gets how many candidates are tried.</summary>
    /// <value>At least 1. The default is 20.</value>
    [Range(1, 1_000_000)]
    public int Trials { get; init; } = 20;

    /// <summary>Gets how many epochs each candidate is given; early stopping may end it sooner.</summary>
    /// <value>At least 1. The default, null, is what the candidate's options say.</value>
    [Range(1, int.MaxValue)]
    public int? Epochs { get; init; }

    internal override IReadOnlyList<Rung> Rungs() => [new(Trials, Epochs)];
}
