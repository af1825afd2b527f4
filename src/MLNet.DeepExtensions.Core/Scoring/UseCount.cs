namespace MLNet.DeepExtensions;

/// <summary>Counts who uses something native, so that it is freed when nobody does: freed under a running kernel, it would end the process. Its owner counts as one of them, until it disposes.</summary>
/// <param name="free">Frees it; called once.</param>
internal sealed class UseCount(Action free) : IDisposable
{
    private int users = 1;
    private int disposed;

    /// <exception cref="ObjectDisposedException">The owner has let go of it.</exception>
    public void Enter()
    {
        int now;
        do
        {
            now = Volatile.Read(ref users);
            if (now == 0 || Volatile.Read(ref disposed) != 0)
                throw new ObjectDisposedException(nameof(ScoringTransformer), "The model was disposed. Dispose it when nobody scores with it any more.");
        }
        while (Interlocked.CompareExchange(ref users, now + 1, now) != now);
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref users) == 0)
            free();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            Leave();
    }
}
