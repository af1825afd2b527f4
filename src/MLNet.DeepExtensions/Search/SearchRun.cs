using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>One search while it runs: trains candidate after candidate, and holds no fitted pipeline but the best.</summary>
internal sealed class SearchRun<TCandidate>(HyperparameterSearch search, Func<TCandidate, TrialBudget, IEstimator<ITransformer>> pipeline, IDataView train, IDataView validation) : IDisposable
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly List<Trial<TCandidate>> trials = [];
    private Trial<TCandidate>? best;
    private ITransformer? bestModel;
    private DirectoryInfo? scratch;

    private sealed record Drawn(int Number, TCandidate Candidate, IReadOnlyList<TrialParameter> Parameters);

    public SearchResult<TCandidate> Run(Func<SearchDice, TCandidate> space)
    {
        var rungs = search.Rungs();
        var going = Enumerable.Range(1, rungs[0].Candidates).Select(number =>
        {
            var dice = new SearchDice(search.Seed, number);
            return new Drawn(number, space(dice), dice.Drawn);
        }).ToList();
        if (rungs.Count > 1 && search.GoesOn)
            scratch = search.Scratch is { } folder ? Directory.CreateDirectory(Path.Combine(folder, $"search-{Guid.NewGuid():N}")) : Directory.CreateTempSubdirectory("search-");
        for (var step = 0; step < rungs.Count && !search.CancellationToken.IsCancellationRequested; step++)
        {
            var ran = new List<(Drawn Candidate, double Score)>();
            foreach (var candidate in going)
            {
                if (search.CancellationToken.IsCancellationRequested)
                    break;
                ran.Add((candidate, Try(candidate, rungs[step].Epochs, isOneOfSeveral: rungs.Count > 1)));
            }
            // the order of equals is that of their numbers
            var successes = ran.Where(item => !double.IsNaN(item.Score)).OrderBy(item => search.Objective.HigherIsBetter ? -item.Score : item.Score);
            going = [.. successes.Take(step + 1 < rungs.Count ? rungs[step + 1].Candidates : 0).Select(item => item.Candidate).OrderBy(candidate => candidate.Number)];
            foreach (var (candidate, _) in ran.Where(item => !going.Contains(item.Candidate)))
                Forget(candidate);
        }
        return Result();
    }

    public void Dispose()
    {
        (bestModel as IDisposable)?.Dispose();
        scratch?.Delete(recursive: true);
    }

    private SearchResult<TCandidate> Result()
    {
        var isCancelled = search.CancellationToken.IsCancellationRequested;
        if (best is null)
        {
            if (isCancelled)
                throw new OperationCanceledException("The search was cancelled before a trial had ended.", search.CancellationToken);
            throw new InvalidOperationException($"None of {trials.Count} trials succeeded. The first failed with: {trials[0].Error!.Message}", trials[0].Error);
        }
        var result = new SearchResult<TCandidate>(search.Objective, trials, best, bestModel!, isCancelled, clock.Elapsed);
        bestModel = null;                               // it is the result's now
        return result;
    }

    /// <summary>Trains a candidate, and notes what came of it.</summary>
    /// <returns>Its score; NaN where it failed.</returns>
    private double Try(Drawn candidate, int? epochs, bool isOneOfSeveral)
    {
        var clock = Stopwatch.StartNew();
        var budget = new TrialBudget(candidate.Number, epochs, search.Seed, scratch is null ? null : FolderOf(candidate), search.CancellationToken);
        ITransformer? model = null;
        Exception? error = null;
        TrainingHistory? history = null;
        var score = double.NaN;
        try
        {
            var estimator = pipeline(candidate.Candidate, budget);
            if (isOneOfSeveral && budget.Networks == 0)
                throw new InvalidOperationException("The pipeline takes no budget. Pass the options through it: Deep(candidate.Network, budget.Apply(candidate.Options)).");
            model = estimator.Fit(train, validation);
            history = SearchObjective.NetworkIn(model)?.History;
            if (history?.Stopped == StopReason.Cancelled && search.CancellationToken.IsCancellationRequested)
                error = new OperationCanceledException("The search was cancelled in the middle of this trial.", search.CancellationToken);
            else
                score = search.Objective.Measure(model);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            (error, history) = (e, null);
        }
        catch
        {
            (model as IDisposable)?.Dispose();
            throw;
        }
        finally
        {
            budget.Release();
        }
        var trial = new Trial<TCandidate>
        {
            Number = candidate.Number, Candidate = candidate.Candidate, Parameters = candidate.Parameters, Epochs = budget.GivenEpochs,
            Score = score, Duration = clock.Elapsed, Error = error, History = history,
        };
        trials.Add(trial);
        Keep(trial, model);
        search.Progress?.Report(trial);
        return score;
    }

    private void Keep(Trial<TCandidate> trial, ITransformer? model)
    {
        var loser = model;
        if (search.Objective.IsBetter(trial.Score, best?.Score ?? double.NaN))
            (loser, best, bestModel) = (bestModel, trial, model);
        (loser as IDisposable)?.Dispose();
    }

    private string FolderOf(Drawn candidate) => Path.Combine(scratch!.FullName, candidate.Number.ToString(CultureInfo.InvariantCulture));

    private void Forget(Drawn candidate)
    {
        if (scratch is not null && Directory.Exists(FolderOf(candidate)))
            Directory.Delete(FolderOf(candidate), recursive: true);
    }
}
