using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace MLNet.DeepExtensions;

/// <summary>Rows and answers as JSON, by the application's own settings.</summary>
internal static class JsonRow
{
    public static async Task<TIn> ReadAsync<TIn, TOut>(HttpContext context, int maxBytes, CancellationToken cancellation)
        where TIn : class
        where TOut : class, new()
    {
        CheckType(context.Request.ContentType);
        var body = await RequestBody.ReadAsync(context.Request, maxBytes, cancellation).ConfigureAwait(false);
        var row = Parse<TIn>(context, body);
        RowCheck<TIn, TOut>.CheckFinite(row);
        return row;
    }

    /// <exception cref="RequestFault">The answer holds a number that JSON has no word for, as models answer what they could not read.</exception>
    public static byte[] Write<T>(HttpContext context, T answer)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(answer, TypeOf<T>(context));
        }
        catch (ArgumentException)
        {
            throw new RequestFault(StatusCodes.Status422UnprocessableEntity, "The model's answer is no number: it could not read a value of this row.");
        }
    }

    private static TIn Parse<TIn>(HttpContext context, ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
            throw new RequestFault(StatusCodes.Status400BadRequest, "The body is not UTF-8.");
        try
        {
            return JsonSerializer.Deserialize(body.StartsWith("\uFEFF"u8) ? body[3..] : body, TypeOf<TIn>(context)) ?? throw new RequestFault(StatusCodes.Status400BadRequest, "The body is null; send an object.");
        }
        catch (JsonException e)
        {
            var place = e.BytePositionInLine is { } at ? $" at line {e.LineNumber + 1}, byte {at + 1}" : "";
            throw new RequestFault(StatusCodes.Status400BadRequest, $"The body is no JSON object of the expected form: look at {(string.IsNullOrEmpty(e.Path) || e.Path.Length > 100 ? "it" : e.Path)}{place}.");
        }
    }

    private static JsonTypeInfo<T> TypeOf<T>(HttpContext context) =>
        (JsonTypeInfo<T>)context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions.GetTypeInfo(typeof(T));

    private static void CheckType(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type) || !(type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Type.Equals("application", StringComparison.OrdinalIgnoreCase) && type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)))
            throw new RequestFault(StatusCodes.Status415UnsupportedMediaType, "The body must be JSON: send it with Content-Type: application/json.");
        if (type.Charset.HasValue && !type.Charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw new RequestFault(StatusCodes.Status415UnsupportedMediaType, "The body must be UTF-8.");
    }
}
