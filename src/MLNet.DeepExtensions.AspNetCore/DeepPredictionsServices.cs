using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLNet.DeepExtensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers models to be served.</summary>
public static class DeepPredictionsServices
{
    /// <summary>Serves a model: <see cref="DeepPredictions{TIn, TOut}"/> can then be asked for.</summary>
    /// <typeparam name="TIn">A row that is asked about: a class with the columns that the model reads.</typeparam>
    /// <typeparam name="TOut">The answer: a class with the columns that are wanted of what the model writes.</typeparam>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options; they are checked when the application starts.</param>
    /// <returns>What says where the model comes from: go on with <c>.FromFile("pets.zip")</c>.</returns>
    public static DeepPredictionsBuilder<TIn, TOut> AddDeepPredictions<TIn, TOut>(this IServiceCollection services, Action<DeepPredictionOptions<TIn, TOut>>? configure = null)
        where TIn : class
        where TOut : class, new()
    {
        var builder = Add(services, Options.Options.DefaultName, configure);
        services.AddSingleton(provider => Make<TIn, TOut>(provider, Options.Options.DefaultName));
        return builder;
    }

    /// <summary>Serves one of several models: <c>[FromKeyedServices("pets")] DeepPredictions&lt;TIn, TOut&gt;</c> can then be asked for.</summary>
    /// <typeparam name="TIn">A row that is asked about: a class with the columns that the model reads.</typeparam>
    /// <typeparam name="TOut">The answer: a class with the columns that are wanted of what the model writes.</typeparam>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The name, which is the service's key.</param>
    /// <param name="configure">Sets the options; they are checked when the application starts.</param>
    /// <returns>What says where the model comes from: go on with <c>.FromFile("pets.zip")</c>.</returns>
    public static DeepPredictionsBuilder<TIn, TOut> AddDeepPredictions<TIn, TOut>(this IServiceCollection services, string name, Action<DeepPredictionOptions<TIn, TOut>>? configure = null)
        where TIn : class
        where TOut : class, new()
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var builder = Add(services, name, configure);
        services.AddKeyedSingleton(name, (provider, _) => Make<TIn, TOut>(provider, name));
        return builder;
    }

    /// <summary>
    /// Watches over a served model: Healthy while it scores its canary, Degraded where a newer file was refused, and <paramref name="failureStatus"/> where no model is loaded or the canary fails.
    /// </summary>
    /// <typeparam name="TIn">A row that is asked about.</typeparam>
    /// <typeparam name="TOut">The answer.</typeparam>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="name">The name that the model was registered by; empty where there was none.</param>
    /// <param name="failureStatus">What is reported where it fails. The default, null, is Unhealthy.</param>
    /// <param name="tags">Tags of the check.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddDeepPredictions<TIn, TOut>(this IHealthChecksBuilder builder, string name = "", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
        where TIn : class
        where TOut : class, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        return builder.Add(new HealthCheckRegistration(name.Length > 0 ? $"predictions-{name}" : $"predictions-{typeof(TIn).Name}",
            provider => new DeepPredictionsHealth<TIn, TOut>(provider.PredictionsOf<TIn, TOut>(name)), failureStatus, tags));
    }

    internal static DeepPredictions<TIn, TOut> PredictionsOf<TIn, TOut>(this IServiceProvider provider, string name)
        where TIn : class
        where TOut : class, new() => name.Length == 0 ? provider.GetRequiredService<DeepPredictions<TIn, TOut>>() : provider.GetRequiredKeyedService<DeepPredictions<TIn, TOut>>(name);

    private static DeepPredictionsBuilder<TIn, TOut> Add<TIn, TOut>(IServiceCollection services, string name, Action<DeepPredictionOptions<TIn, TOut>>? configure)
        where TIn : class
        where TOut : class, new()
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.AddOptions<DeepPredictionOptions<TIn, TOut>>(name).Configure(configure ?? (_ => { })).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IHostedService>(provider => new DeepPredictionsLifecycle<TIn, TOut>(provider.PredictionsOf<TIn, TOut>(name)));
        return new DeepPredictionsBuilder<TIn, TOut>(services, name);
    }

    private static DeepPredictions<TIn, TOut> Make<TIn, TOut>(IServiceProvider provider, string name)
        where TIn : class
        where TOut : class, new()
    {
        var options = provider.GetRequiredService<IOptionsMonitor<DeepPredictionOptions<TIn, TOut>>>().Get(name);
        return new DeepPredictions<TIn, TOut>(name, options.Source!(provider), options, provider.GetRequiredService<ILoggerFactory>().CreateLogger(ServingLog.Category),
            provider.GetService<TimeProvider>() ?? TimeProvider.System);
    }
}
