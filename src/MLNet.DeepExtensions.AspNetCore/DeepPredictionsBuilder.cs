using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MLNet.DeepExtensions;

/// <summary>Says where a served model comes from.</summary>
/// <typeparam name="TIn">A row that is asked about.</typeparam>
/// <typeparam name="TOut">The answer.</typeparam>
public sealed class DeepPredictionsBuilder<TIn, TOut>
    where TIn : class
    where TOut : class, new()
{
    private const string HttpClientName = "MLNet.DeepExtensions";

    internal DeepPredictionsBuilder(IServiceCollection services, string name) => (Services, Name) = (services, name);

    /// <summary>Gets the services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Gets the name that the predictions are registered by; empty where there is none.</summary>
    public string Name { get; }

    /// <summary>Serves a model file, as <c>mlContext.Model.Save</c> or <c>SavePortable</c> wrote it.</summary>
    /// <param name="path">The file. Relative paths are relative to the application's content root.</param>
    /// <param name="watchForChanges">
    /// Whether another file of this name takes over while the application runs: when it has been still for a moment and its model scores the canary. A file that cannot be loaded is refused, and the old model goes on.
    /// The default is false.
    /// </param>
    /// <returns>This.</returns>
    public DeepPredictionsBuilder<TIn, TOut> FromFile(string path, bool watchForChanges = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return From((services, options) =>
            new FileModelSource(Path.Combine(services.GetService<IHostEnvironment>()?.ContentRootPath ?? "", path), watchForChanges, options.MaxModelBytes));
    }

    /// <summary>Serves a model file from an address, which is asked again every so often (with the ETag of what is known).</summary>
    /// <param name="uri">The address, http or https. The HTTP client is the factory's, by the name <c>MLNet.DeepExtensions</c>: configure it there, with credentials for instance.</param>
    /// <param name="period">How long to wait before asking again, at least 1 s. The default, null, asks once, at start.</param>
    /// <returns>This.</returns>
    /// <exception cref="ArgumentException">The address is none of http, or the period is shorter.</exception>
    public DeepPredictionsBuilder<TIn, TOut> FromUri(Uri uri, TimeSpan? period = null)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (!uri.IsAbsoluteUri || uri.Scheme is not ("http" or "https"))
            throw new ArgumentException($"A model comes from an http or https address, but this is '{uri}'. For a file, write .FromFile(path).", nameof(uri));
        if (period is { } every)
            ArgumentOutOfRangeException.ThrowIfLessThan(every, TimeSpan.FromSeconds(1), nameof(period));
        Services.AddHttpClient(HttpClientName);
        return From((services, options) => new UriModelSource(uri, period, options.MaxModelBytes,
            () => services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpClientName), services.GetService<TimeProvider>() ?? TimeProvider.System));
    }

    private DeepPredictionsBuilder<TIn, TOut> From(Func<IServiceProvider, DeepPredictionOptions<TIn, TOut>, ModelSource> source)
    {
        Services.Configure<DeepPredictionOptions<TIn, TOut>>(Name, options => options.Source = services => source(services, options));
        return this;
    }
}
