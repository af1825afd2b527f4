using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MLNet.DeepExtensions;

/// <summary>
/// Answers single rows by a model, many callers' rows in one batch. One instance serves the whole application; ask for it in a constructor or an endpoint.
/// Any number of threads may call it.
/// </summary>
/// <typeparam name="TIn">A row that is asked about: a class with the columns that the model reads. One that is <see cref="IDisposable"/> is disposed when nobody looks at it any more.</typeparam>
/// <typeparam name="TOut">The answer: a class with the columns that are wanted of what the model writes.</typeparam>
public sealed class DeepPredictions<TIn, TOut> : IAsyncDisposable
    where TIn : class
    where TOut : class, new()
{
    private readonly DeepPredictionOptions<TIn, TOut> options;
    private readonly ModelKeeper<TIn, TOut> models;
    private readonly PredictionQueue<TIn, TOut> queue;
    private readonly ServingMeters meters;
    private readonly RowCheck<TIn, TOut> check;
    private readonly DeadlineWatch<TIn, TOut> deadlines;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private BatchWorker<TIn, TOut>[] workers = [];
    private Task? stopped;

    internal DeepPredictions(string name, ModelSource source, DeepPredictionOptions<TIn, TOut> options, ILogger logger, TimeProvider time)
    {
        (Name, this.options, this.logger, this.time) = (name, options, logger, time);
        queue = new PredictionQueue<TIn, TOut>(options.QueueLimit, options.MaxBatchSize, options.MaxWait);
        meters = new ServingMeters(name, time, () => queue.Count);
        models = new ModelKeeper<TIn, TOut>(source, options, meters, logger, time);
        check = new RowCheck<TIn, TOut>(options);
        deadlines = new DeadlineWatch<TIn, TOut>(queue, () => workers, Refusal, time);
    }

    /// <summary>Gets the name that it was registered by; empty where there was none.</summary>
    public string Name { get; }

    /// <summary>Gets the model that serves; null while there is none.</summary>
    public DeepModelInfo? Model => models.Info;

    /// <summary>Gets how long ago the model took over; null while there is none.</summary>
    public TimeSpan? ModelAge => models.Info is { } model ? time.GetUtcNow() - model.LoadedAt : null;

    /// <summary>Gets why the newest model file was refused, while an older one serves or none; null where all is well.</summary>
    public string? RefusedModel => models.Refused;

    /// <summary>Gets how many rows the last batch had; 0 before the first.</summary>
    public int LastBatchSize => meters.LastBatchSize;

    /// <summary>Gets how many rows wait for a worker.</summary>
    public int QueuedRows => queue.Count;

    internal DeepPredictionOptions<TIn, TOut> Options => options;

    /// <summary>Gets the time that deadlines are counted from.</summary>
    internal long Now => time.GetTimestamp();

    /// <summary>Asks about a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cancellationToken">Takes the row back: if it is not being scored yet, it will not be.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="PredictionRefusedException">Too many rows wait, the deadline passed, no model is loaded, or the application stops.</exception>
    /// <exception cref="UnfitRowException">The model cannot score this row.</exception>
    /// <exception cref="OperationCanceledException">The row was taken back.</exception>
    public async Task<TOut> PredictAsync(TIn row, CancellationToken cancellationToken = default) => (await PredictDetailedAsync(row, cancellationToken).ConfigureAwait(false)).Answer;

    /// <summary>Asks about a row, and tells how the answer came about.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cancellationToken">Takes the row back: if it is not being scored yet, it will not be.</param>
    /// <returns>The answer, the model that gave it, how many rows shared the batch, and how long it took.</returns>
    /// <exception cref="PredictionRefusedException">Too many rows wait, the deadline passed, no model is loaded, or the application stops.</exception>
    /// <exception cref="UnfitRowException">The model cannot score this row.</exception>
    /// <exception cref="OperationCanceledException">The row was taken back.</exception>
    public Task<DeepPrediction<TOut>> PredictDetailedAsync(TIn row, CancellationToken cancellationToken = default) => PredictAsync(row, time.GetTimestamp(), keepsRow: false, cancellationToken);

    /// <param name="row">The row.</param>
    /// <param name="begun">When the deadline began to run.</param>
    /// <param name="keepsRow">Whether the row is still wanted afterwards.</param>
    /// <param name="cancellation">Takes the row back.</param>
    internal async Task<DeepPrediction<TOut>> PredictAsync(TIn row, long begun, bool keepsRow, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(row);
        using var activity = DeepTelemetry.Source.StartActivity(DeepServing.PredictActivity);
        activity?.SetTag(DeepServing.NameTag, meters.Name);
        var ticket = new Ticket<TIn, TOut>(row, time.GetTimestamp(), begun + (long)(options.Deadline.TotalSeconds * time.TimestampFrequency), keepsRow, activity?.Context ?? default);
        var outcome = "failed";
        try
        {
            Queue(ticket, cancellation);
            using var leaving = cancellation.UnsafeRegister(static (state, token) => ((Leaving)state!).Leave(token), new Leaving(ticket, queue));
            deadlines.Expect(ticket);
            var prediction = await ticket.Answer.ConfigureAwait(false);
            activity?.SetTag(DeepTelemetry.RowsTag, prediction.BatchSize).SetTag(DeepServing.VersionTag, prediction.Model.Version);
            outcome = "answered";
            return prediction;
        }
        catch (Exception e)
        {
            outcome = e is OperationCanceledException ? "canceled" : e is PredictionRefusedException ? "refused" : "failed";
            activity?.SetTag("error.type", e.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            if (e is PredictionRefusedException refused)
                meters.Refused(refused.Reason);
            else if (e is not OperationCanceledException)
                meters.Failed(e);
            throw;
        }
        finally
        {
            meters.Ended(time.GetElapsedTime(ticket.QueuedAt), outcome);
        }
    }

    /// <summary>Loads the model and starts the workers.</summary>
    internal async Task StartAsync(CancellationToken cancellation)
    {
        await models.StartAsync(cancellation).ConfigureAwait(false);
        workers = [.. Enumerable.Range(1, options.Workers).Select(number => new BatchWorker<TIn, TOut>(queue, models, meters, deadlines, time, $"predictions {meters.Name} {number}"))];
    }

    /// <summary>Refuses new rows, answers those that wait, and lets go of the model.</summary>
    internal Task StopAsync(CancellationToken cancellation)
    {
        lock (queue)
            return stopped ??= StopOnceAsync(cancellation);
    }

    /// <summary>Answers the rows that wait, refuses new ones, and lets go of the model.</summary>
    /// <returns>When all is done.</returns>
    public async ValueTask DisposeAsync() => await StopAsync(default).ConfigureAwait(false);

    private async Task StopOnceAsync(CancellationToken cancellation)
    {
        queue.Close();
        var ended = Task.WhenAll(workers.Select(worker => worker.Ended));
        await Task.WhenAny(ended, Task.Delay(Timeout.InfiniteTimeSpan, cancellation)).ConfigureAwait(false);
        if (!ended.IsCompleted)
        {
            var lost = deadlines.RefuseAll(PredictionRefusal.Stopping);
            logger.RowsLost(meters.Name, lost);
            await ended.ConfigureAwait(false);
        }
        await models.DisposeAsync().ConfigureAwait(false);
        deadlines.Dispose();
        meters.Dispose();
    }

    private void Queue(Ticket<TIn, TOut> ticket, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            if (models.Info is null)
                throw Refusal(stopped is null ? PredictionRefusal.NotReady : PredictionRefusal.Stopping);
            check.Check(ticket.Row, models.Tokens);
            if (queue.TryAdd(ticket) is { } refusal)
                throw Refusal(refusal);
        }
        catch
        {
            ticket.LetGo();
            throw;
        }
    }

    private PredictionRefusedException Refusal(PredictionRefusal reason) => reason switch
    {
        PredictionRefusal.QueueFull => new(reason, $"{options.QueueLimit:N0} rows wait already. Ask again later, or raise options.QueueLimit.", TimeSpan.FromSeconds(1)),
        PredictionRefusal.DeadlineExceeded => new(reason, $"No answer within {options.Deadline.TotalSeconds:0.###} s (options.Deadline).", TimeSpan.FromSeconds(1)),
        PredictionRefusal.NotReady => new(reason, "No model is loaded yet.", TimeSpan.FromSeconds(5)),
        _ => new(reason, "The application is stopping.", TimeSpan.FromSeconds(5)),
    };

    /// <summary>A caller who may leave.</summary>
    private sealed class Leaving(Ticket<TIn, TOut> ticket, PredictionQueue<TIn, TOut> queue)
    {
        public void Leave(CancellationToken cancellation)
        {
            if (ticket.TryCancel(cancellation) && queue.Remove(ticket))
                ticket.LetGo();
        }
    }
}
