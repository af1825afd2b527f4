using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MLNet.DeepExtensions;

/// <summary>A request's body, read whole but only up to a limit. Memory grows with what has come, not with what is announced.</summary>
internal static class RequestBody
{
    private const int FirstBytes = 16 << 10;

    /// <exception cref="RequestFault">It is longer.</exception>
    public static async Task<ArraySegment<byte>> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellation)
    {
        if (request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity")
            throw new RequestFault(StatusCodes.Status415UnsupportedMediaType, "The body is compressed; send it as it is.");
        if (request.ContentLength > maxBytes)
            throw TooLong(maxBytes);
        // the server's own limit may be lower than what this endpoint takes
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false, MaxRequestBodySize: not null } server)
            server.MaxRequestBodySize = (long)maxBytes + 1;
        var bytes = new byte[Math.Min(maxBytes, request.ContentLength ?? FirstBytes) is var first && first < FirstBytes ? (int)first + 1 : FirstBytes];
        var count = 0;
        for (int read; (read = await request.Body.ReadAsync(bytes.AsMemory(count), cancellation).ConfigureAwait(false)) > 0;)
        {
            count += read;
            if (count > maxBytes)
                throw TooLong(maxBytes);
            if (count == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(2L * bytes.Length, (long)maxBytes + 1));
        }
        return count > 0 ? new ArraySegment<byte>(bytes, 0, count) : throw new RequestFault(StatusCodes.Status400BadRequest, "The body is empty.");
    }

    private static RequestFault TooLong(int maxBytes) => new(StatusCodes.Status413PayloadTooLarge, $"The body is longer than the {maxBytes:N0} bytes that are taken.");
}
