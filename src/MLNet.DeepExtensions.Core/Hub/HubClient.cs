using System.Net;
using System.Net.Http.Headers;

namespace MLNet.DeepExtensions;

/// <summary>Speaks with a hub: asks, follows where it points, and says what a refusal means.</summary>
internal sealed class HubClient : IDisposable
{
    private const int MostRedirects = 5;
    private const int MostListingBytes = 32 << 20;

    private readonly HubOptions options;
    private readonly Uri endpoint;
    // it follows nobody by itself: the hub's own answer says the checksum, and a token must not travel on
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    public HubClient(HubOptions options)
    {
        this.options = options;
        endpoint = new Uri(options.Endpoint.AbsoluteUri.TrimEnd('/') + "/");
        http.DefaultRequestHeaders.UserAgent.ParseAdd("MLNet.DeepExtensions/1.0");
    }

    /// <summary>Asks which files a model has.</summary>
    public async Task<HubListing> ListAsync(string id, string revision, CancellationToken cancellation)
    {
        var address = new Uri(endpoint, $"api/models/{id}/revision/{Uri.EscapeDataString(revision)}?blobs=true");
        var json = await HubRetries.RunAsync(async () =>
        {
            using var clock = new StallClock(options.Timeout, cancellation);
            using var reply = await SendAsync(address, from: 0, $"'{id}' at '{revision}'", clock).ConfigureAwait(false);
            using var buffer = new MemoryStream();
            await foreach (var piece in reply.ReadAsync(clock).ConfigureAwait(false))
            {
                if (buffer.Length + piece.Length > MostListingBytes)
                    throw new InvalidModelFileException($"The hub's list of the files of '{id}' is longer than {MostListingBytes:N0} bytes.");
                buffer.Write(piece.Span);
            }
            return buffer.ToArray();
        }, () => 0, options, cancellation).ConfigureAwait(false);
        return HubListing.Read(json);
    }

    /// <summary>Asks for a file, or for what of it is still missing.</summary>
    /// <param name="id">The model.</param>
    /// <param name="commit">At which commit.</param>
    /// <param name="file">The file.</param>
    /// <param name="from">How many bytes are there already.</param>
    /// <param name="clock">Breaks off when nothing comes.</param>
    public Task<HubReply> GetAsync(string id, string commit, string file, long from, StallClock clock) =>
        SendAsync(new Uri(endpoint, $"{id}/resolve/{commit}/{file}"), from, $"'{file}' of '{id}'", clock);

    public void Dispose() => http.Dispose();

    private async Task<HubReply> SendAsync(Uri address, long from, string what, StallClock clock)
    {
        var asked = address;
        string? checksum = null;
        for (var hops = 0; hops <= MostRedirects; hops++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (from > 0)
                request.Headers.Range = new RangeHeaderValue(from, null);
            var isHub = address.GetLeftPart(UriPartial.Authority) == endpoint.GetLeftPart(UriPartial.Authority);
            if (options.Token is { } token && isHub)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var response = await clock.WaitAsync(cancellation => new ValueTask<HttpResponseMessage>(http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)), Host(asked)).ConfigureAwait(false);
            // what a storage behind the hub calls a file's tag is no checksum
            if (isHub)
                checksum ??= HubReply.ChecksumOf(response);
            if (response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
                && response.Headers.Location is { } location)
            {
                response.Dispose();
                address = new Uri(address, location);
                if (!HubNames.IsTrusted(address))
                    throw new HttpRequestException($"{Host(asked)} points to {address.Scheme}://{address.Host} for {what}, where others could read and change what comes. Only https is followed.");
                continue;
            }
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                return new HubReply(response, checksum, Host(asked));
            using (response)
                throw Refusal(response, what, Host(asked));
        }
        throw new HttpRequestException($"{Host(asked)} points from one address to the next for {what}: more than {MostRedirects} in a row.");
    }

    private HttpRequestException Refusal(HttpResponseMessage response, string what, string host)
    {
        var said = $"{host} answered {(int)response.StatusCode} ({FileText.Shorten(response.ReasonPhrase ?? "")}) for {what}.";
        var status = response.StatusCode;
        var retryAfter = response.Headers.RetryAfter;
        var wait = retryAfter?.Delta ?? (retryAfter?.Date is { } date ? date - DateTimeOffset.UtcNow : null);
        return status switch
        {
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new HubTransientException(said, status: status, wait: wait < TimeSpan.Zero ? TimeSpan.Zero : wait),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new HttpRequestException($"{said} The model does not exist, is private or asks to accept its terms first. " +
                (options.Token is null ? "Set Token in HubOptions to one that may read it." : "The Token in HubOptions may not read it."), null, status),
            HttpStatusCode.NotFound => new HttpRequestException($"{said} Check the name, owner/name, and the revision (a branch, a tag or a commit).", null, status),
            _ => new HttpRequestException(said, null, status),
        };
    }

    // addresses behind the hub carry signatures: messages name the hub alone
    private static string Host(Uri address) => address.IsDefaultPort ? address.Host : $"{address.Host}:{address.Port}";
}
