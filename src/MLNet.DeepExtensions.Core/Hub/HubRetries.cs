using System.Net;

namespace MLNet.DeepExtensions;

/// <summary>Something went wrong that may go right the next time: a broken connection, a server that is busy.</summary>
internal sealed class HubTransientException(string message, Exception? inner = null, HttpStatusCode? status = null, TimeSpan? wait = null) : HttpRequestException(message, inner, status)
{
    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? Wait => wait;
}

/// <summary>Makes a request again where that may help, after waits that double.</summary>
internal static class HubRetries
{
    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(2);

    /// <param name="attempt">The request.</param>
    /// <param name="bytes">How many bytes have come: an attempt that brought some starts the count of failures again.</param>
    /// <param name="options">How often, and how long to wait.</param>
    /// <param name="cancellation">Ends the waiting, too.</param>
    /// <exception cref="HttpRequestException">It failed too often in a row.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<T>> attempt, Func<long> bytes, HubOptions options, CancellationToken cancellation)
    {
        for (var failures = 0; ;)
        {
            var before = bytes();
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (HubTransientException e)
            {
                cancellation.ThrowIfCancellationRequested();
                failures = bytes() > before ? 1 : failures + 1;
                if (failures > options.Retries)
                    throw new HttpRequestException($"{e.Message}{(failures > 1 ? $" That was attempt {failures}." : "")}{(bytes() > 0 ? " What has come so far is kept: the next call goes on there." : "")}", e.InnerException, e.StatusCode);
                if (e.Wait > LongestDelay)
                    throw new HttpRequestException($"{e.Message} It asks to wait {e.Wait}; call again then.", e.InnerException, e.StatusCode);
                await Task.Delay(e.Wait ?? Doubled(options.RetryDelay, failures), cancellation).ConfigureAwait(false);
            }
        }
    }

    private static TimeSpan Doubled(TimeSpan first, int failures) => TimeSpan.FromTicks((long)Math.Min(LongestDelay.Ticks, first.Ticks * Math.Pow(2, failures - 1)));
}
