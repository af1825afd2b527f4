using System.Diagnostics;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>
/// Scores the rows of one batch by a model, on one thread at a time. The pipeline is bound once: to bind it again for each batch would cost half a millisecond.
/// A row that cannot be scored fails alone: its batch is halved until the row is found, and the others are answered.
/// </summary>
internal sealed class BatchScorer<TIn, TOut> : IDisposable
    where TIn : class
    where TOut : class, new()
{
    private readonly PredictionEngine<TIn, TOut> engine;
    private readonly List<TIn> source = [];
    private readonly IEnumerable<TOut> answers;
    private readonly ScoringRoutes routes = new();

    /// <exception cref="InvalidOperationException">The classes do not fit the model.</exception>
    public BatchScorer(MLContext ml, ITransformer model)
    {
        engine = ml.Model.CreatePredictionEngine<TIn, TOut>(model);
        answers = ml.Data.CreateEnumerable<TOut>(model.Transform(ml.Data.LoadFromEnumerable(source)), reuseRowObject: false);
    }

    /// <summary>Gets whether rows that are scored together take less time than one by one.</summary>
    public bool BatchesPay => routes.BatchesPay;

    /// <summary>Scores rows.</summary>
    /// <param name="rows">The rows; at least one.</param>
    /// <param name="settle">Takes the number of a row with its answer, or with why there is none. Each row is settled once.</param>
    public void Score(ReadOnlySpan<TIn> rows, Action<int, TOut?, Exception?> settle) => Score(rows, 0, settle);

    private void Score(ReadOnlySpan<TIn> rows, int first, Action<int, TOut?, Exception?> settle)
    {
        if (!routes.IsFasterTogether(rows.Length))
        {
            ScoreApart(rows, first, settle);
            return;
        }
        TOut[] scored;
        try
        {
            scored = ScoreTogether(rows);
        }
        // one row or the whole model: the halves will tell
        catch (Exception)
        {
            var half = rows.Length / 2;
            Score(rows[..half], first, settle);
            Score(rows[half..], first + half, settle);
            return;
        }
        for (var i = 0; i < scored.Length; i++)
            settle(first + i, scored[i], null);
    }

    private TOut[] ScoreTogether(ReadOnlySpan<TIn> rows)
    {
        source.AddRange(rows);
        try
        {
            var begun = Stopwatch.GetTimestamp();
            TOut[] scored = [.. answers];
            if (scored.Length != rows.Length)
                throw new InvalidOperationException($"The model answered {scored.Length} of {rows.Length} rows: a step of it leaves rows out.");
            routes.TookTogether(rows.Length, Stopwatch.GetElapsedTime(begun));
            return scored;
        }
        finally
        {
            source.Clear();
        }
    }

    private void ScoreApart(ReadOnlySpan<TIn> rows, int first, Action<int, TOut?, Exception?> settle)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < rows.Length; i++)
        {
            TOut? answer = null;
            Exception? failure = null;
            try
            {
                answer = engine.Predict(rows[i]);
            }
            catch (Exception e)
            {
                failure = e;
            }
            settle(first + i, answer, failure);
        }
        routes.TookApart(rows.Length, Stopwatch.GetElapsedTime(begun));
    }

    // the model is the engine's too: both are let go of when the last batch has ended
    public void Dispose() => engine.Dispose();
}
