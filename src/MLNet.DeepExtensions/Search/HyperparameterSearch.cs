using System.ComponentModel.DataAnnotations;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>
/// Looks for the settings with the best score: draws candidates, trains each, and keeps the best fitted pipeline. A candidate is anything that a pipeline can be built from:
/// a record of a network and options, drawn by <see cref="SearchDice"/>. One trial runs after the other. The same seed gives the same candidates and, on the same machine, the same scores.
/// </summary>
public abstract record HyperparameterSearch
{
    private protected HyperparameterSearch()
    {
    }

    /// <summary>Gets the seed of what is drawn, and of the training of candidates whose options name none.</summary>
    /// <value>The default is 0.</value>
    public int Seed { get; init; }

    /// <summary>Gets what is looked for.</summary>
    /// <value>The default is the lowest validation loss.</value>
    [Required]
    public SearchObjective Objective { get; init; } = SearchObjective.Lowest("loss");

    /// <summary>Gets who is told of each trial when it ends, on the thread of the search.</summary>
    /// <value>The default is nobody.</value>
    public IProgress<Trial>? Progress { get; init; }

    /// <summary>Gets the token that ends the search early: it then returns what it has found so far.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>How many candidates are trained for how long, in turn; each step takes the best of the one before.</summary>
    internal abstract IReadOnlyList<Rung> Rungs();

    /// <summary>Whether a candidate that reaches the next step goes on where it stood.</summary>
    internal virtual bool GoesOn => false;

    /// <summary>Where candidates are kept that may go on; null for the system's folder.</summary>
    internal virtual string? Scratch => null;

    /// <summary>Searches.</summary>
    /// <param name="space">Draws a candidate. All candidates are drawn before the first is trained.</param>
    /// <param name="pipeline">Builds the pipeline of a candidate. Options pass through <see cref="TrialBudget.Apply"/>. It is called for each trial.</param>
    /// <param name="train">The rows to learn from.</param>
    /// <param name="validation">The rows to stop and to choose by; they pass through the fitted steps, as in <c>pipeline.Fit(train, validation)</c>.</param>
    /// <typeparam name="TCandidate">What a candidate is.</typeparam>
    /// <returns>The trials and the best pipeline; dispose it.</returns>
    /// <remarks>A trial that fails, by a diverging loss or a combination of settings that does not work, is a trial with an error; the search goes on.</remarks>
    /// <exception cref="ArgumentException">A setting is out of its range; the message lists all of them.</exception>
    /// <exception cref="InvalidOperationException">No trial succeeded; the inner exception is the first one's.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled before a trial had ended.</exception>
    public SearchResult<TCandidate> Run<TCandidate>(Func<SearchDice, TCandidate> space, Func<TCandidate, TrialBudget, IEstimator<ITransformer>> pipeline, IDataView train, IDataView validation)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        ConfigValidation.Check(this, "search");
        using var run = new SearchRun<TCandidate>(this, pipeline, train, validation);
        return run.Run(space);
    }
}

/// <summary>A step of a search: how many candidates are trained, and for how many epochs in all; null leaves it to their options.</summary>
internal readonly record struct Rung(int Candidates, int? Epochs);
