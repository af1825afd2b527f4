using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MLNet.DeepExtensions.Tests.AspNetCore;

[Collection(nameof(Alone))]
public class EndpointTests(Served served) : IClassFixture<Served>
{
    [Fact]
    public async Task Row_IsAnsweredInJson_AndTheHeadersTellHow()
    {
        await using var application = await served.StartAsync();
        using var client = Served.Client(application);
        using var response = await Served.AskAsync(client, Served.Row(7));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        var told = await response.Content.ReadFromJsonAsync<Told>();
        Assert.Equal(7, told!.Echo);
        Assert.Equal(Served.Scores(served.First, [Served.Row(7)])[0], told.Score, (a, b) => Math.Abs(a - b) <= 1e-5);
        Assert.Matches(@"^queue;dur=[\d.]+, score;dur=[\d.]+, batch;desc=""1""$", string.Join(", ", response.Headers.GetValues("Server-Timing")));
        Assert.Equal(Served.Predictions(application).Model!.Version, response.Headers.GetValues("Model-Version").Single());
    }

    [Fact]
    public async Task QueueThatIsFull_Is503WithRetryAfter_AndAProblem()
    {
        await using var application = await served.StartAsync(options => (options.QueueLimit, options.MaxBatchSize) = (1, 1));
        using var client = Served.Client(application);
        var before = Behave.Scored;
        var first = Served.AskAsync(client, Served.Row(0, delay: 500));
        await BatchingTests.WaitUntil(() => Behave.Scored > before);
        var second = Served.AskAsync(client, Served.Row(1));
        await BatchingTests.WaitUntil(() => Served.Predictions(application).QueuedRows == 1);
        using var refused = await Served.AskAsync(client, Served.Row(2));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        await AssertProblem(refused, 503);
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await second).StatusCode);
    }

    [Fact]
    public async Task RowThatTheModelCannotScore_Is422_AndSaysNothingOfIt()
    {
        await using var application = await served.StartAsync();
        using var client = Served.Client(application);
        using var response = await Served.AskAsync(client, Served.Row(0, breaks: true));
        Assert.DoesNotContain("secret", (await AssertProblem(response, 422)).ToString());
    }

    [Fact]
    public async Task Endpoint_IsDescribedForOpenApi_Once()
    {
        await using var application = await Served.RunAsync(builder =>
        {
            builder.Services.AddEndpointsApiExplorer();
            builder.Services.AddDeepPredictions(Served.With()).FromFile(served.First);
        }, application =>
        {
            application.MapDeepPredictions<Asked, Told>("/predict").WithName("Predict").WithTags("models");
            application.MapImagePredictions<Asked, Told>("/photo", _ => new Asked());
        });
        var described = application.Services.GetRequiredService<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items.SelectMany(group => group.Items).ToDictionary(item => item.RelativePath!);
        Assert.Equal(["photo", "predict"], described.Keys.Order());
        var predict = described["predict"];
        Assert.Equal("POST", predict.HttpMethod);
        Assert.Equal(["application/json"], predict.SupportedRequestFormats.Select(format => format.MediaType));
        Assert.Equal(typeof(Asked), predict.ParameterDescriptions.Single().Type);
        Assert.Equal([200, 400, 408, 413, 415, 422, 503], predict.SupportedResponseTypes.Select(type => type.StatusCode).Order());
        Assert.Equal(typeof(Told), predict.SupportedResponseTypes.Single(type => type.StatusCode == 200).Type);
        Assert.Contains("image/jpeg", described["photo"].SupportedRequestFormats.Select(format => format.MediaType));
        Assert.Contains("multipart/form-data", described["photo"].SupportedRequestFormats.Select(format => format.MediaType));
        // both of a pattern carry what is said of them, but a name is given once
        var endpoints = application.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText == "/predict").ToList();
        Assert.Equal(2, endpoints.Count);
        Assert.Single(endpoints, endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == "Predict");
        Assert.All(endpoints, endpoint => Assert.Contains("models", endpoint.Metadata.GetMetadata<ITagsMetadata>()!.Tags));
    }

    [Fact]
    public async Task EndpointWithoutModel_StopsTheStart_AndSaysWhatToWrite()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Served.RunAsync(
            builder => builder.Services.AddDeepPredictions("other", Served.With()).FromFile(served.First), application => application.MapDeepPredictions<Asked, Told>("/predict")));
        Assert.Contains("services.AddDeepPredictions<Asked, Told>()", failure.Message);
    }

    internal static async Task<JsonElement> AssertProblem(HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty("title").GetString()));
        Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty("detail").GetString()));
        return problem;
    }
}
