using System.Runtime.CompilerServices;

namespace MLNet.DeepExtensions;

/// <summary>A hub's answer whose body has yet to come.</summary>
internal sealed class HubReply(HttpResponseMessage response, string? checksum, string host) : IDisposable
{
    private const int PieceBytes = 1 << 16;

    /// <summary>Gets the checksum of the whole file that the hub itself stated: SHA-256 of a large file, git's own of a small one; null where it stated none.</summary>
    public string? Checksum => checksum;

    /// <summary>Gets whether the rest of the file comes, and not the whole; null where there is no such rest.</summary>
    public bool? IsRest => response.StatusCode switch
    {
        System.Net.HttpStatusCode.RequestedRangeNotSatisfiable => null,
        System.Net.HttpStatusCode.PartialContent => true,
        _ => false,
    };

    /// <summary>Gets where in the file what comes begins.</summary>
    public long From => response.Content.Headers.ContentRange?.From ?? 0;

    /// <summary>Gets how long the whole file is; null where nobody says.</summary>
    public long? Total => IsRest == true ? response.Content.Headers.ContentRange?.Length : response.Content.Headers.ContentLength;

    /// <summary>The checksum in the headers: what a large file is linked by, else the tag.</summary>
    public static string? ChecksumOf(HttpResponseMessage response)
    {
        var linked = response.Headers.TryGetValues("X-Linked-Etag", out var values) ? values.FirstOrDefault() : response.Headers.ETag?.Tag;
        var hash = linked?.Replace("W/", "", StringComparison.Ordinal).Trim('"');
        return HubNames.IsSha256(hash) || HubNames.IsSha1(hash) ? hash : null;
    }

    /// <summary>Reads the body. A piece is good until the next one is asked for.</summary>
    /// <exception cref="HubTransientException">The connection broke, or nothing came for too long.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(StallClock clock, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var buffer = new byte[PieceBytes];
        using var body = await clock.WaitAsync(stop => new ValueTask<Stream>(response.Content.ReadAsStreamAsync(stop)), host).ConfigureAwait(false);
        while (await clock.WaitAsync(stop => body.ReadAsync(buffer, stop), host).ConfigureAwait(false) is > 0 and var count)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return buffer.AsMemory(0, count);
        }
    }

    public void Dispose() => response.Dispose();
}

/// <summary>Breaks off what waits for the network when nothing comes for too long; and says of each way in which a connection can break that it did.</summary>
internal sealed class StallClock(TimeSpan patience, CancellationToken cancellation) : IDisposable
{
    private readonly CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

    public async ValueTask<T> WaitAsync<T>(Func<CancellationToken, ValueTask<T>> wait, string host)
    {
        source.CancelAfter(patience);
        try
        {
            return await wait(source.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new HubTransientException($"Nothing came from {host} for {patience.TotalSeconds:0.##} seconds.", new TimeoutException("The connection stalled.", e));
        }
        catch (Exception e) when (e is IOException or HttpRequestException { StatusCode: null } and not HubTransientException && !cancellation.IsCancellationRequested)
        {
            throw new HubTransientException($"The connection to {host} failed: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException("The download was cancelled; what has come so far is kept.", e, cancellation);
        }
        finally
        {
            source.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => source.Dispose();
}
