namespace MLNet.DeepExtensions;

/// <summary>
/// Answers callers whose time is up, whether their rows still wait or are being scored: however long a batch takes, nobody waits longer. All rows have the same time, so the oldest is always the next;
/// one timer does.
/// </summary>
internal sealed class DeadlineWatch<TIn, TOut> : IDisposable
    where TIn : class
    where TOut : class, new()
{
    private readonly object gate = new();
    private readonly PredictionQueue<TIn, TOut> queue;
    private readonly Func<IReadOnlyList<BatchWorker<TIn, TOut>>> workers;
    private readonly Func<PredictionRefusal, PredictionRefusedException> refusal;
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private bool armed;
    private bool disposed;

    public DeadlineWatch(PredictionQueue<TIn, TOut> queue, Func<IReadOnlyList<BatchWorker<TIn, TOut>>> workers, Func<PredictionRefusal, PredictionRefusedException> refusal, TimeProvider time)
    {
        (this.queue, this.workers, this.refusal, this.time) = (queue, workers, refusal, time);
        using (ExecutionContext.SuppressFlow())
            timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A row was queued.</summary>
    public void Expect(Ticket<TIn, TOut> ticket)
    {
        if (!Volatile.Read(ref armed))
            Arm(ticket.Deadline);
    }

    /// <summary>Refuses all rows that wait or are being scored.</summary>
    /// <returns>How many.</returns>
    public int RefuseAll(PredictionRefusal reason) => Refuse(long.MaxValue, reason);

    /// <summary>Refuses those of some rows whose time is up.</summary>
    public void RefuseLate(IEnumerable<Ticket<TIn, TOut>> tickets)
    {
        var now = time.GetTimestamp();
        foreach (var ticket in tickets)
            if (ticket.Deadline <= now && !ticket.IsSettled)
                ticket.TryFail(refusal(PredictionRefusal.DeadlineExceeded));
    }

    public void Dispose()
    {
        lock (gate)
            disposed = true;
        timer.Dispose();
    }

    private void Look()
    {
        Volatile.Write(ref armed, false);
        Refuse(time.GetTimestamp(), PredictionRefusal.DeadlineExceeded);
        if (Open().Select(ticket => (long?)ticket.Deadline).Min() is { } next)
            Arm(next);
    }

    private void Arm(long deadline)
    {
        lock (gate)
        {
            if (armed || disposed)
                return;
            armed = true;
            var left = Math.Max(0, deadline - time.GetTimestamp());
            // a timer counts whole milliseconds: one more, or it would come too early and once again
            timer.Change(TimeSpan.FromSeconds((double)left / time.TimestampFrequency) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private int Refuse(long until, PredictionRefusal reason)
    {
        var refused = 0;
        while (queue.Oldest is { } oldest && oldest.Deadline <= until && queue.Remove(oldest))
        {
            if (oldest.TryFail(refusal(reason)))
                refused++;
            oldest.LetGo();
        }
        foreach (var ticket in workers().SelectMany(worker => worker.Scoring))
            if (ticket.Deadline <= until && !ticket.IsSettled && ticket.TryFail(refusal(reason)))
                refused++;
        return refused;
    }

    private IEnumerable<Ticket<TIn, TOut>> Open()
    {
        if (queue.Oldest is { } oldest)
            yield return oldest;
        foreach (var ticket in workers().SelectMany(worker => worker.Scoring))
            if (!ticket.IsSettled)
                yield return ticket;
    }
}
