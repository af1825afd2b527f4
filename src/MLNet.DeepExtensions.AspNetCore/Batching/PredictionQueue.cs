using System.Diagnostics;

namespace MLNet.DeepExtensions;

/// <summary>
/// The rows that wait, in their order, and the rule by which a batch is closed: at once with the rows that a free worker expects, or when it has waited for them long enough.
/// It expects as many as were there when the last batch was closed, so clients who ask again as soon as they are answered meet in one batch, and a client who is alone does not wait.
/// </summary>
internal sealed class PredictionQueue<TIn, TOut>(int limit, int maxBatch, TimeSpan maxWait)
    where TIn : class
{
    private readonly object gate = new();
    private readonly LinkedList<Ticket<TIn, TOut>> waiting = new();
    private int expected = 1;
    private int wakeAt = 1;                                 // how many rows a worker sleeps for
    private bool gathering;                                 // one worker waits for rows to come together; the others for it
    private bool closed;

    public int Count
    {
        get
        {
            lock (gate)
                return waiting.Count;
        }
    }

    /// <returns>Null, or why the row cannot wait here.</returns>
    public PredictionRefusal? TryAdd(Ticket<TIn, TOut> ticket)
    {
        lock (gate)
        {
            if (closed)
                return PredictionRefusal.Stopping;
            if (waiting.Count >= limit)
                return PredictionRefusal.QueueFull;
            ticket.Place = waiting.AddLast(ticket);
            if (waiting.Count >= wakeAt)
                Monitor.PulseAll(gate);
            return null;
        }
    }

    /// <summary>Takes a row back that no worker took.</summary>
    public bool Remove(Ticket<TIn, TOut> ticket)
    {
        lock (gate)
        {
            if (ticket.Place is not { } place)
                return false;
            waiting.Remove(place);
            ticket.Place = null;
            return true;
        }
    }

    /// <summary>The row that waits the longest, and so is the first to run out of time.</summary>
    public Ticket<TIn, TOut>? Oldest
    {
        get
        {
            lock (gate)
                return waiting.First?.Value;
        }
    }

    /// <summary>Waits for rows and takes those of one batch.</summary>
    /// <param name="batch">Takes them; it is empty before.</param>
    /// <param name="worthWaiting">Whether rows that are scored together take less time than one by one.</param>
    /// <returns>False where no row will ever come again.</returns>
    public bool Take(List<Ticket<TIn, TOut>> batch, bool worthWaiting)
    {
        lock (gate)
        {
            do
            {
                while (waiting.Count == 0 || gathering)
                {
                    if (closed && waiting.Count == 0)
                        return false;
                    Monitor.Wait(gate);
                }
                if (worthWaiting)
                    Gather(Math.Min(expected, maxBatch));
            }
            while (waiting.Count == 0);                     // all of them may have been taken back
            while (batch.Count < maxBatch && waiting.First is { } first)
            {
                waiting.RemoveFirst();
                first.Value.Place = null;
                batch.Add(first.Value);
            }
            expected = batch.Count + waiting.Count;
            // the others slept while this one gathered, also through Close
            if (waiting.Count > 0 || closed)
                Monitor.PulseAll(gate);
            return true;
        }
    }

    /// <summary>No further row may wait. Those that do are still to be taken.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Gather(int enough)
    {
        if (waiting.Count >= enough || closed || maxWait == TimeSpan.Zero)
            return;
        (gathering, wakeAt) = (true, enough);
        var begun = Stopwatch.GetTimestamp();
        while (waiting.Count < enough && !closed && maxWait - Stopwatch.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
            Monitor.Wait(gate, TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)));
        (gathering, wakeAt) = (false, 1);
    }
}
