using Microsoft.Extensions.Logging;

namespace MLNet.DeepExtensions;

/// <summary>
/// Keeps the model that serves, and lets another take its place: loaded, tried, then swapped in one step. One that fails is refused, once, and the old one goes on.
/// </summary>
internal sealed class ModelKeeper<TIn, TOut>(ModelSource source, DeepPredictionOptions<TIn, TOut> options, ServingMeters meters, ILogger logger, TimeProvider time) : IAsyncDisposable
    where TIn : class
    where TOut : class, new()
{
    private readonly CancellationTokenSource stopping = new();
    private ServedModel<TIn, TOut>? current;
    private Task watching = Task.CompletedTask;
    private bool isBad;                                     // the newest file itself, not the way to it

    public DeepModelInfo? Info => Volatile.Read(ref current)?.Info;

    public TokenCount? Tokens => Volatile.Read(ref current)?.Tokens;

    /// <summary>Gets why the newest file was refused; null where it serves.</summary>
    public string? Refused { get; private set; }

    /// <summary>Loads the first model, and watches for others.</summary>
    /// <exception cref="InvalidOperationException">There is none, and the options do not allow that.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            await RenewAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!options.StartWithoutModel)
                throw new InvalidOperationException($"No model can be served from {source.Description}: {e.Message} To start without one, write options.StartWithoutModel = true.", e);
            Refuse(e);
        }
        watching = Task.Run(WatchAsync, CancellationToken.None);
    }

    /// <summary>Holds the model for a batch. Dispose it to let it go.</summary>
    public ServedModel<TIn, TOut> Hold()
    {
        while (Volatile.Read(ref current) is { } model)
            if (model.TryHold())
                return model;
        throw new InvalidOperationException("There is no model to score by.");
    }

    /// <summary>Lets go of the model, when the last batch has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await watching.ConfigureAwait(false);
        Interlocked.Exchange(ref current, null)?.Dispose();
        source.Dispose();
    }

    private async Task WatchAsync()
    {
        while (true)
        {
            try
            {
                await source.WaitAsync(stopping.Token).ConfigureAwait(false);
                await RenewAsync(stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            // whatever a file holds, the old model goes on
            catch (Exception e)
            {
                Refuse(e);
            }
        }
    }

    private async Task RenewAsync(CancellationToken cancellation)
    {
        using var file = await source.FetchAsync(cancellation).ConfigureAwait(false);
        if (file is null)
        {
            // it can be reached again, and is what it was
            if (!isBad)
                Refused = null;
            return;
        }
        isBad = true;
        var info = new DeepModelInfo(file.Version, source.Description, time.GetUtcNow());
        ServedModel<TIn, TOut> fresh;
        try
        {
            fresh = ServedModel<TIn, TOut>.Load(file.Content, info, options);
        }
        // it was written to while it was read: it will be looked at again
        catch (Exception) when (file.HasChanged() && Info is not null)
        {
            source.Forget();
            return;
        }
        if (file.HasChanged() || cancellation.IsCancellationRequested)
        {
            fresh.Dispose();
            source.Forget();
            return;
        }
        var old = Interlocked.Exchange(ref current, fresh);
        (Refused, isBad) = (null, false);
        meters.Reloaded(accepted: true, info.LoadedAt);
        logger.ModelServes(meters.Name, info.Version, source.Description);
        old?.Dispose();
    }

    private void Refuse(Exception e)
    {
        // said once, however often it is met
        if (e.Message == Refused)
            return;
        Refused = e.Message;
        // an application that may start without a model waits for its first one
        if (e is FileNotFoundException && Info is null)
        {
            logger.ModelAwaited(meters.Name, source.Description);
            return;
        }
        meters.Reloaded(accepted: false, null);
        logger.ModelRefused(e, meters.Name, source.Description, Info?.Version ?? "none");
    }
}
