using System.Diagnostics;

namespace MLNet.DeepExtensions;

/// <summary>
/// A thread that takes batches from the queue and answers them. A thread of its own, always the same: a scoring engine may keep helpers for each thread that ever called it, and the callers' threads are many.
/// </summary>
internal sealed class BatchWorker<TIn, TOut>
    where TIn : class
    where TOut : class, new()
{
    private readonly PredictionQueue<TIn, TOut> queue;
    private readonly ModelKeeper<TIn, TOut> models;
    private readonly ServingMeters meters;
    private readonly DeadlineWatch<TIn, TOut> deadlines;
    private readonly TimeProvider time;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Ticket<TIn, TOut>> batch = [];
    private volatile Ticket<TIn, TOut>[] scoring = [];
    private bool batchesPay = true;

    public BatchWorker(PredictionQueue<TIn, TOut> queue, ModelKeeper<TIn, TOut> models, ServingMeters meters, DeadlineWatch<TIn, TOut> deadlines, TimeProvider time, string name)
    {
        (this.queue, this.models, this.meters, this.deadlines, this.time) = (queue, models, meters, deadlines, time);
        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Gets the task that ends with the thread.</summary>
    public Task Ended => ended.Task;

    /// <summary>Gets the rows that are being scored.</summary>
    public IReadOnlyList<Ticket<TIn, TOut>> Scoring => scoring;

    private void Run()
    {
        while (queue.Take(batch, batchesPay))
        {
            try
            {
                Answer();
            }
            // nothing a model does ends the worker
            catch (Exception e)
            {
                foreach (var ticket in batch)
                    ticket.TryFail(e);
            }
            scoring = [];
            foreach (var ticket in batch)
                ticket.LetGo();
            batch.Clear();
        }
        ended.SetResult();
    }

    private void Answer()
    {
        scoring = [.. batch];
        deadlines.Expect(batch[0]);
        // who left, and whose deadline passed, is not scored
        deadlines.RefuseLate(batch);
        Ticket<TIn, TOut>[] tickets = [.. batch.Where(ticket => !ticket.IsSettled)];
        if (tickets.Length == 0)
            return;
        using var model = models.Hold();
        using var activity = DeepTelemetry.Source.HasListeners() ? DeepTelemetry.Source.StartActivity(DeepServing.BatchActivity, ActivityKind.Internal, default(ActivityContext),
            links: tickets.Where(ticket => ticket.Caller != default).Select(ticket => new ActivityLink(ticket.Caller))) : null;
        activity?.SetTag(DeepServing.NameTag, meters.Name).SetTag(DeepTelemetry.RowsTag, tickets.Length).SetTag(DeepServing.VersionTag, model.Info.Version);
        var scorer = model.Rent();
        try
        {
            var begun = time.GetTimestamp();
            meters.BatchBegins(tickets.Length);
            scorer.Score(Array.ConvertAll(tickets, ticket => ticket.Row), (row, answer, failure) =>
            {
                var ticket = tickets[row];
                if (failure is not null)
                    ticket.TryFail(RowFailure.Of(failure));
                else
                    ticket.TryAnswer(new DeepPrediction<TOut>(answer!, model.Info, tickets.Length, time.GetElapsedTime(ticket.QueuedAt, begun), time.GetElapsedTime(begun)));
            });
            foreach (var ticket in tickets)
                meters.Waited(time.GetElapsedTime(ticket.QueuedAt, begun));
            meters.BatchEnds(time.GetElapsedTime(begun));
        }
        finally
        {
            batchesPay = scorer.BatchesPay;
            model.Return(scorer);
        }
    }
}
