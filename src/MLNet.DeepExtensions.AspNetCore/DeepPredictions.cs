namespace MLNet.DeepExtensions;

/// <summary>
/// Answers single rows by a model, many callers' rows in one batch. One instance serves the whole application; ask for it in a constructor or an endpoint.
/// Any number of threads may call it.
/// </summary>
/// <typeparam name="TIn">A row that is asked about: a class with the columns that the model reads. One that is <see cref="IDisposable"/> is disposed when it is answered.</typeparam>
/// <typeparam name="TOut">The answer: a class with the columns that are wanted of what the model writes.</typeparam>
public sealed class DeepPredictions<TIn, TOut> : IAsyncDisposable
    where TIn : class
    where TOut : class, new()
{
    internal DeepPredictions(string name)
    {
        Name = name;
    }

    /// <summary>Gets the name that it was registered by; empty where there was none.</summary>
    public string Name { get; }

    /// <summary>Gets the model that serves; null while there is none.</summary>
    public DeepModelInfo? Model => null;

    /// <summary>Gets how long ago the model took over; null while there is none.</summary>
    public TimeSpan? ModelAge => null;

    /// <summary>Gets how many rows the last batch had; 0 before the first.</summary>
    public int LastBatchSize => 0;

    /// <summary>Gets how many rows wait for a worker.</summary>
    public int QueuedRows => 0;

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
    public Task<DeepPrediction<TOut>> PredictDetailedAsync(TIn row, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Answers the rows that wait, refuses new ones, and lets go of the model.</summary>
    /// <returns>When all is done.</returns>
    public ValueTask DisposeAsync() => default;
}
