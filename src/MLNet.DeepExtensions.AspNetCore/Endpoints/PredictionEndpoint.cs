using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MLNet.DeepExtensions;

/// <summary>What both endpoints do: read a row within its deadline, ask, and answer or say what is wrong.</summary>
internal static class PredictionEndpoint<TIn, TOut>
    where TIn : class
    where TOut : class, new()
{
    public static (RouteHandlerBuilder Endpoint, RouteHandlerBuilder OtherTypes) Map(IEndpointRouteBuilder endpoints, string pattern, string name, Func<HttpContext, CancellationToken, Task<TIn>> read)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        // what is missing is said when the application starts, not when somebody asks
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsKeyedService>() is { } known && !(name.Length == 0
            ? known.IsService(typeof(DeepPredictions<TIn, TOut>)) : known.IsKeyedService(typeof(DeepPredictions<TIn, TOut>), name)))
            throw new InvalidOperationException($"There is no model to answer {pattern}; write services.AddDeepPredictions<{typeof(TIn).Name}, {typeof(TOut).Name}>({(name.Length > 0 ? $"\"{name}\"" : "")}).FromFile(\"model.zip\").");
        var answer = (HttpContext context) => AnswerAsync(context, name, read);
        var endpoint = endpoints.MapPost(pattern, answer).Produces<TOut>();
        foreach (var status in new[] { 400, 408, 413, 415, 422, 503 })
            endpoint.ProducesProblem(status);
        return (endpoint, endpoints.MapPost(pattern, answer));
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, string name, Func<HttpContext, CancellationToken, Task<TIn>> read)
    {
        var predictions = context.RequestServices.PredictionsOf<TIn, TOut>(name);
        var begun = predictions.Now;
        try
        {
            var row = await ReadAsync(context, predictions.Options.Deadline, read).ConfigureAwait(false);
            var prediction = await predictions.PredictAsync(row, begun, keepsRow: false, context.RequestAborted).ConfigureAwait(false);
            var body = JsonRow.Write(context, prediction.Answer);
            context.Response.Headers["Server-Timing"] = string.Create(CultureInfo.InvariantCulture,
                $"queue;dur={prediction.QueueWait.TotalMilliseconds:0.00}, score;dur={prediction.Scoring.TotalMilliseconds:0.00}, batch;desc=\"{prediction.BatchSize}\"");
            context.Response.Headers["Model-Version"] = prediction.Model.Version;
            return Results.Bytes(body, "application/json; charset=utf-8");
        }
        catch (Exception e)
        {
            return PredictionProblem.Of(e, context);
        }
    }

    private static async Task<TIn> ReadAsync(HttpContext context, TimeSpan deadline, Func<HttpContext, CancellationToken, Task<TIn>> read)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(deadline);
        try
        {
            return await read(context, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new RequestFault(StatusCodes.Status408RequestTimeout, $"The body did not come within {deadline.TotalSeconds:0.###} s.");
        }
    }
}

internal static class DescribedEndpoint
{
    /// <summary>
    /// States what is taken in. Routing would answer other types of content with a bare 415: a second endpoint, which nobody sees described, answers them as all errors are answered.
    /// </summary>
    public static RouteHandlerBuilder Described(this (RouteHandlerBuilder Endpoint, RouteHandlerBuilder OtherTypes) mapped, Type row, string contentType, params string[] others)
    {
        mapped.Endpoint.Accepts(row, contentType, others);
        mapped.OtherTypes.ExcludeFromDescription();
        // conventions go to both, but a name is one endpoint's alone
        mapped.OtherTypes.Finally(builder =>
        {
            foreach (var name in builder.Metadata.Where(item => item is IEndpointNameMetadata or IRouteNameMetadata).ToList())
                builder.Metadata.Remove(name);
        });
        return new RouteHandlerBuilder([mapped.Endpoint, mapped.OtherTypes]);
    }
}
