using Microsoft.Extensions.Hosting;

namespace MLNet.DeepExtensions;

/// <summary>
/// Loads the model before the server listens, and lets go of it after the server has ended: requests that are under way at shutdown are all answered.
/// </summary>
internal sealed class DeepPredictionsLifecycle<TIn, TOut>(DeepPredictions<TIn, TOut> predictions) : IHostedLifecycleService
    where TIn : class
    where TOut : class, new()
{
    public Task StartingAsync(CancellationToken cancellationToken) => predictions.StartAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => predictions.StopAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
