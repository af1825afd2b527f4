using System.Net;
using System.Net.Http.Headers;

namespace MLNet.DeepExtensions;

/// <summary>A model file at an address. It is asked for with what is known of the last one (ETag), and comes through a temporary file, which is gone when it is loaded.</summary>
internal sealed class UriModelSource(Uri uri, TimeSpan? period, long maxBytes, Func<HttpClient> client, TimeProvider time) : ModelSource
{
    private static readonly TimeSpan longest = TimeSpan.FromMinutes(10);

    private EntityTagHeaderValue? tag;
    private DateTimeOffset? written;
    private string? version;

    // without what may stand before the host or behind the path: it may be a secret
    public override string Description { get; } = uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    public override async Task<ModelFile?> FetchAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(longest);
        try
        {
            using var http = client();
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            if (tag is not null)
                request.Headers.IfNoneMatch.Add(tag);
            request.Headers.IfModifiedSince = written;
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotModified)
                return null;
            if (!response.IsSuccessStatusCode)
                throw new IOException($"{Description} answered {(int)response.StatusCode}.");
            return await ReceiveAsync(response, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new IOException($"{Description} cannot be reached: {e.Message}", e);
        }
    }

    public override Task WaitAsync(CancellationToken cancellation) => Task.Delay(period ?? Timeout.InfiniteTimeSpan, time, cancellation);

    public override void Forget() => (tag, written, version) = (null, null, null);

    private async Task<ModelFile?> ReceiveAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(Path.Combine(Path.GetTempPath(), $"model-{Guid.NewGuid():N}.zip"), options);
        try
        {
            var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var buffer = new byte[1 << 16];
            for (int read; (read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
            {
                if (file.Length + read > maxBytes)
                    throw new IOException($"{Description} sends more bytes than MaxModelBytes = {maxBytes:N0} allows.");
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            }
            var now = await ModelFile.VersionOf(file, maxBytes, cancellation).ConfigureAwait(false);
            (tag, written) = (response.Headers.ETag, response.Content.Headers.LastModified);
            if (now != version)
            {
                version = now;
                return new ModelFile(file, now, () => false);
            }
            await file.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
