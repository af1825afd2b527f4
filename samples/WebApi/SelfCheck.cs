using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebApi;

/// <summary>Waits for both models and asks them, as a client would.</summary>
internal static class SelfCheck
{
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static async Task RunAsync(TrainingBoard board, Uri server, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = server };
        while (true)
        {
            var status = JsonNode.Parse(await client.GetStringAsync("/api/status", cancellation))!;
            var states = new[] { (string)status["digits"]!["state"]!, (string)status["cells"]!["state"]! };
            if (states.Contains("failed"))
                throw new InvalidOperationException($"Training failed: {board.Digits.Message} {board.Cells.Message}");
            if (states is ["ready", "ready"])
                break;
            await Task.Delay(200, cancellation);
        }
        var cells = Path.Combine(AppContext.BaseDirectory, "data", "blood-cells");
        foreach (var kind in Cell.Labels)
        {
            var file = Directory.EnumerateFiles(Path.Combine(cells, kind), "*.jpg").Order(StringComparer.Ordinal).First();
            await AskAsync($"a {kind} cell", "/api/cells", await File.ReadAllBytesAsync(file, cancellation), "image/jpeg", 200, answer => (string?)answer["kind"] == kind);
        }
        await AskAsync("no picture", "/api/cells", "not a picture"u8.ToArray(), "image/jpeg", 415, answer => answer["title"] is not null);
        await AskAsync("the description", "/openapi/v1.json", null, "", 200, answer => answer["paths"]?["/api/digits"] is not null);

        async Task AskAsync(string what, string path, byte[]? body, string type, int expected, Func<JsonNode, bool> isRight)
        {
            var clock = Stopwatch.StartNew();
            using var content = body is null ? null : new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
            using var response = content is null ? await client.GetAsync(path, cancellation) : await client.PostAsync(path, content, cancellation);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation))!;
            board.Answers.Add(new CheckedAnswer(what, (int)response.StatusCode, (int)response.StatusCode == expected && isRight(answer), Math.Round(clock.Elapsed.TotalMilliseconds, 1)));
        }
    }
}
