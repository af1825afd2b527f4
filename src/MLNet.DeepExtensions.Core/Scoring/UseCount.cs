namespace MLNet.DeepExtensions;

/// <summary>Counts who uses something native, so that it is freed when nobody does: freed under a running kernel, it would end the process. Its owner counts as one of them, until it disposes.</summary>
/// <param name="free">Frees it; called once.</param>
internal sealed class UseCount(Action free) : IDisposable
{
    private int users = 1;
    private int disposed;

    /// <returns>False where nobody may use it any more.</returns>
    public bool TryEnter()
    {
        for (var seen = Volatile.Read(ref users); seen > 0 && Volatile.Read(ref disposed) == 0;)
        {
            var found = Interlocked.CompareExchange(ref users, seen + 1, seen);
            if (found == seen)
                return true;
            seen = found;
        }
        return false;
    }

    /// <exception cref="ObjectDisposedException">The owner has let go of it.</exception>
    public void Enter()
    {
        if (!TryEnter())
            throw new ObjectDisposedException(nameof(ScoringTransformer), "The model was disposed. Dispose it when nobody scores with it any more.");
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
