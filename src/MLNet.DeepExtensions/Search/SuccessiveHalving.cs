using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Trains many candidates a little, the best of them longer, the best of those longer still (Jamieson and Talwalkar: Non-stochastic Best Arm Identification and Hyperparameter Optimization, AISTATS 2016):
/// the time goes to what promises most. It goes wrong where the best candidates start slowly; then raise <see cref="MinEpochs"/>.
/// <para>
/// A survivor goes on from its last step, with the same bits as if it had been trained at one go: with its optimizer, the memory of its early stopping, its place in the order of rows.
/// A candidate whose options have a schedule is trained anew with the larger budget, since a schedule reaches as far as the run.
/// </para>
/// </summary>
public sealed record SuccessiveHalving : HyperparameterSearch, IValidatableObject
{
    /// <summary>Gets how many candidates are tried.</summary>
    /// <value>At least 1. The default is 27.</value>
    [Range(1, 1_000_000)]
    public int Candidates { get; init; } = 27;

    /// <summary>Gets how many epochs every candidate is given.</summary>
    /// <value>At least 1. The default is 1.</value>
    [Range(1, int.MaxValue)]
    public int MinEpochs { get; init; } = 1;

    /// <summary>Gets how many epochs the last ones are given in all.</summary>
    /// <value>At least <see cref="MinEpochs"/>. The default is 27.</value>
    [Range(1, int.MaxValue)]
    public int MaxEpochs { get; init; } = 27;

    /// <summary>Gets the factor by which the epochs rise and the candidates fall from step to step.</summary>
    /// <value>At least 2. The default is 3.</value>
    [Range(2, 1000)]
    public int Reduction { get; init; } = 3;

    /// <summary>Gets whether survivors go on where they stood; otherwise they are trained anew with more epochs.</summary>
    /// <value>The default is true. Set it to false for callbacks of your own that remember something and do not save it.</value>
    public bool ContinueSurvivors { get; init; } = true;

    /// <summary>Gets the folder below which the candidates that may go on are kept while the search runs: about three times a network's size for each.</summary>
    /// <value>The default, null, is the system's folder for temporary files.</value>
    public string? ScratchFolder { get; init; }

    internal override bool GoesOn => ContinueSurvivors;

    internal override string? Scratch => ScratchFolder;

    /// <summary>
    /// Each step has a <see cref="Reduction"/>th of the candidates, rounded down, and that many times the epochs. The last step, of one candidate or of those whose epochs
    /// would be too many in the next, has <see cref="MaxEpochs"/>.
    /// </summary>
    internal override IReadOnlyList<Rung> Rungs()
    {
        var rungs = new List<Rung>();
        var (candidates, epochs) = (Candidates, (long)MinEpochs);
        for (; candidates > 1 && epochs * Reduction <= MaxEpochs; candidates = Math.Max(1, candidates / Reduction), epochs *= Reduction)
            rungs.Add(new Rung(candidates, (int)epochs));
        rungs.Add(new Rung(candidates, MaxEpochs));
        return rungs;
    }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (MinEpochs > MaxEpochs)
            yield return new ValidationResult($"MinEpochs is {MinEpochs}, but MaxEpochs only {MaxEpochs}.", [nameof(MinEpochs)]);
    }
}
