namespace MLNet.DeepExtensions;

/// <summary>A row is not scored for reasons that are not its own; later it may be. An endpoint answers 503 with Retry-After.</summary>
public sealed class PredictionRefusedException : Exception
{
    internal PredictionRefusedException(PredictionRefusal reason, string message, TimeSpan retryAfter)
        : base(message) => (Reason, RetryAfter) = (reason, retryAfter);

    /// <summary>Gets why.</summary>
    public PredictionRefusal Reason { get; }

    /// <summary>Gets when it is worth trying again.</summary>
    public TimeSpan RetryAfter { get; }
}

/// <summary>Why a row was refused.</summary>
public enum PredictionRefusal
{
    /// <summary><c>QueueLimit</c> rows wait already.</summary>
    QueueFull,

    /// <summary>The row was not answered within <c>Deadline</c>.</summary>
    DeadlineExceeded,

    /// <summary>No model is loaded yet.</summary>
    NotReady,

    /// <summary>The application is stopping.</summary>
    Stopping,
}
