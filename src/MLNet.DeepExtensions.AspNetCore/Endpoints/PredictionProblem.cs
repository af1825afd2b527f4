using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MLNet.DeepExtensions;

/// <summary>Errors as problem details (RFC 9457).</summary>
internal static class PredictionProblem
{
    // nginx's, and what ASP.NET calls it too
    private const int ClientClosedRequest = StatusCodes.Status499ClientClosedRequest;

    public static IResult Of(Exception failure, HttpContext context)
    {
        switch (failure)
        {
            case not null when context.RequestAborted.IsCancellationRequested:
                return Results.StatusCode(ClientClosedRequest);
            case RequestFault fault:
                return Problem(fault.Status, fault.Message);
            case UnfitRowException unfit:
                return Problem(unfit.Status, unfit.Message);
            case InvalidImageException image:
                return Problem(StatusCodes.Status422UnprocessableEntity, $"The picture {image.Reason}");
            case PredictionRefusedException refused:
                context.Response.Headers.RetryAfter = Math.Ceiling(refused.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                return Problem(StatusCodes.Status503ServiceUnavailable, refused.Message);
            // the server's own: a slow body, a broken chunk, a length beyond its limit
            case BadHttpRequestException request:
                return Problem(request.StatusCode, "The request's body is broken, too long or too slow.");
            // the connection is gone, and nobody reads this
            case IOException:
                return Problem(StatusCodes.Status400BadRequest, "The request's body ended early.");
            default:
                context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(ServingLog.Category).RequestFailed(failure!.GetType().FullName!);
                return Problem(StatusCodes.Status500InternalServerError, "The model could not be asked.");
        }
    }

    private static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);
}
