using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MLNet.DeepExtensions;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Endpoints that answer by a served model, one row for each request. Errors are problem details (RFC 9457); responses tell how they came about in <c>Server-Timing</c> and <c>Model-Version</c>.</summary>
public static class DeepPredictionEndpoints
{
    /// <summary>Takes a row as JSON by POST and answers in JSON.</summary>
    /// <typeparam name="TIn">The row.</typeparam>
    /// <typeparam name="TOut">The answer.</typeparam>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <param name="pattern">The route, such as <c>/predict</c>.</param>
    /// <param name="name">The name that the model was registered by; empty where there was none.</param>
    /// <param name="maxBytes">The most bytes that a request may have. The default is 1 MiB.</param>
    /// <returns>The endpoint, for further conventions such as <c>RequireAuthorization</c>.</returns>
    public static RouteHandlerBuilder MapDeepPredictions<TIn, TOut>(this IEndpointRouteBuilder endpoints, string pattern, string name = "", int maxBytes = 1 << 20)
        where TIn : class
        where TOut : class, new()
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        return PredictionEndpoint<TIn, TOut>.Map(endpoints, pattern, name, (context, cancellation) => JsonRow.ReadAsync<TIn, TOut>(context, maxBytes, cancellation))
            .Described(typeof(TIn), "application/json");
    }

    /// <summary>Takes a picture by POST, as the request's body (<c>image/jpeg</c>, <c>image/png</c>, …) or as the one file of a form, and answers in JSON.</summary>
    /// <typeparam name="TIn">The row.</typeparam>
    /// <typeparam name="TOut">The answer.</typeparam>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <param name="pattern">The route, such as <c>/photo</c>.</param>
    /// <param name="toRow">Makes the row of a picture: <c>image => new Photo { Image = image.Bytes }</c>. It may throw <see cref="InvalidImageException"/>.</param>
    /// <param name="name">The name that the model was registered by; empty where there was none.</param>
    /// <param name="limits">What is taken in. The default, null, are the defaults of <see cref="ImageUploadLimits"/>.</param>
    /// <returns>The endpoint, for further conventions such as <c>RequireAuthorization</c>.</returns>
    public static RouteHandlerBuilder MapImagePredictions<TIn, TOut>(this IEndpointRouteBuilder endpoints, string pattern, Func<ImageUpload, TIn> toRow, string name = "", ImageUploadLimits? limits = null)
        where TIn : class
        where TOut : class, new()
    {
        ArgumentNullException.ThrowIfNull(toRow);
        ArgumentNullException.ThrowIfNull(name);
        var taken = limits ?? new ImageUploadLimits();
        Validator.ValidateObject(taken, new ValidationContext(taken), validateAllProperties: true);
        return PredictionEndpoint<TIn, TOut>.Map(endpoints, pattern, name, async (context, cancellation) => toRow(await ImageBody.ReadAsync(context, taken, cancellation).ConfigureAwait(false)))
            .Described(typeof(Stream), "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "application/octet-stream", "multipart/form-data");
    }
}
