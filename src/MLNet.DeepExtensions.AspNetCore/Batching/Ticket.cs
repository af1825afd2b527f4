using System.Diagnostics;

namespace MLNet.DeepExtensions;

/// <summary>A row on its way, from the caller who waits for it to the batch that answers it. Whoever settles it first has the last word: the worker, the deadline, or the caller who leaves.</summary>
internal sealed class Ticket<TIn, TOut>(TIn row, long queuedAt, long deadline, bool keepsRow, ActivityContext caller)
    where TIn : class
{
    // a worker never runs what its callers go on with
    private readonly TaskCompletionSource<DeepPrediction<TOut>> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TIn Row => row;

    public long QueuedAt => queuedAt;

    public long Deadline => deadline;

    public ActivityContext Caller => caller;

    /// <summary>Gets or sets its place among those that wait; null once a worker took it.</summary>
    public LinkedListNode<Ticket<TIn, TOut>>? Place { get; set; }

    public Task<DeepPrediction<TOut>> Answer => answer.Task;

    public bool IsSettled => answer.Task.IsCompleted;

    public bool TryAnswer(DeepPrediction<TOut> prediction) => answer.TrySetResult(prediction);

    public bool TryFail(Exception failure) => answer.TrySetException(failure);

    public bool TryCancel(CancellationToken cancellation) => answer.TrySetCanceled(cancellation);

    /// <summary>Nobody looks at the row any more.</summary>
    public void LetGo()
    {
        if (!keepsRow)
            (row as IDisposable)?.Dispose();
    }
}
