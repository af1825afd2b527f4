using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MLNet.DeepExtensions.Tests.Core.Hub;

/// <summary>A hub on this machine: speaks as much HTTP as is needed, and misbehaves where a test asks for it.</summary>
internal sealed class HubServer : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly Dictionary<string, (byte[] Bytes, bool IsLarge)> files = [];

    public HubServer()
    {
        listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public Uri Endpoint => new($"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>What was asked: the path, and the range where one was given.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The authorization of each request; "" where it had none.</summary>
    public List<string> Authorizations { get; } = [];

    /// <summary>Is asked before each answer; what it gives replaces the answer.</summary>
    public Func<HubRequest, HubAnswer?> Misbehave { get; set; } = _ => null;

    public bool StatesChecksums { get; set; } = true;

    public string Revision { get; set; } = "main";

    public string Id { get; set; } = "owner/model";

    public HubServer With(string name, byte[] bytes, bool isLarge = false)
    {
        files[name] = (bytes, isLarge);
        return this;
    }

    public HubServer With(string name, string text) => With(name, Encoding.UTF8.GetBytes(text));

    public byte[] this[string name] => files[name].Bytes;

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public void Dispose()
    {
        closing.Cancel();
        listener.Stop();
    }

    private async Task AcceptAsync()
    {
        while (!closing.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(closing.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            using (var reader = new StreamReader(client.GetStream(), Encoding.ASCII))
            {
                var path = (await reader.ReadLineAsync(closing.Token))?.Split(' ')[1];
                if (path is null)
                    return;
                string? range = null, authorization = null;
                while (await reader.ReadLineAsync(closing.Token) is { Length: > 0 } header)
                    if (header.StartsWith("Range:", StringComparison.OrdinalIgnoreCase))
                        range = header.Split('=')[1];
                    else if (header.StartsWith("Authorization:", StringComparison.OrdinalIgnoreCase))
                        authorization = header[14..].Trim();
                int count;
                lock (Requests)
                {
                    Requests.Add(range is null ? path : $"{path} {range}");
                    Authorizations.Add(authorization ?? "");
                    count = Requests.Count(request => request.Split(' ')[0] == path);
                }
                var asked = new HubRequest(path, range is null ? 0 : int.Parse(range.TrimEnd('-')), count);
                await AnswerAsync(client, Misbehave(asked) ?? Answer(asked));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // whoever asked went away
        }
    }

    public HubAnswer Answer(HubRequest asked)
    {
        var path = asked.Path;
        if (path.StartsWith($"/api/models/{Id}/revision/", StringComparison.Ordinal))
        {
            var revision = Uri.UnescapeDataString(path[$"/api/models/{Id}/revision/".Length..].Split('?')[0]);
            return revision == Revision || revision == Commit ? new HubAnswer(200, Encoding.UTF8.GetBytes(Listing())) : new HubAnswer(404, "Revision not found"u8.ToArray());
        }
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (!path.StartsWith($"/{Id}/resolve/{Commit}/", StringComparison.Ordinal) || !files.TryGetValue(name, out var file))
            return new HubAnswer(404, "Entry not found"u8.ToArray());
        var headers = StatesChecksums ? file.IsLarge ? $"X-Linked-Etag: \"{Sha256(file.Bytes)}\"\r\n" : $"ETag: \"{GitBlob(file.Bytes)}\"\r\n" : "";
        return asked.From == 0 ? new HubAnswer(200, file.Bytes, headers)
            : new HubAnswer(206, file.Bytes[asked.From..], headers + $"Content-Range: bytes {asked.From}-{file.Bytes.Length - 1}/{file.Bytes.Length}\r\n");
    }

    private string Listing() => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["sha"] = Commit,
        ["siblings"] = files.Select(file => new Dictionary<string, object?>
        {
            ["rfilename"] = file.Key,
            ["size"] = file.Value.Bytes.Length,
            ["blobId"] = StatesChecksums ? GitBlob(file.Value.Bytes) : null,
            ["lfs"] = file.Value.IsLarge && StatesChecksums ? new { sha256 = Sha256(file.Value.Bytes), size = file.Value.Bytes.Length } : null,
        }).ToList(),
    });

    private static string GitBlob(byte[] bytes) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));

    private async Task AnswerAsync(TcpClient client, HubAnswer answer)
    {
        var stream = client.GetStream();
        var length = answer.States ?? answer.Body.Length;
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {answer.Status} Said\r\n{(answer.IsUnbounded ? "" : $"Content-Length: {length}\r\n")}Connection: close\r\n{answer.Headers}\r\n"), closing.Token);
        await stream.WriteAsync(answer.Body, closing.Token);
        await stream.FlushAsync(closing.Token);
        if (answer.Holds)
            await Task.Delay(Timeout.Infinite, closing.Token);
    }
}

/// <param name="Path">What is asked for, with the query.</param>
/// <param name="From">From which byte.</param>
/// <param name="Count">How often this path was asked for, this time included.</param>
internal sealed record HubRequest(string Path, int From, int Count)
{
    public bool IsFor(string file) => Path.EndsWith("/" + file, StringComparison.Ordinal);
}

/// <param name="Status">The status.</param>
/// <param name="Body">What comes.</param>
/// <param name="Headers">Further headers, each with its line end.</param>
internal sealed record HubAnswer(int Status, byte[] Body, string Headers = "")
{
    /// <summary>The length that is stated where another one comes.</summary>
    public int? States { get; init; }

    /// <summary>Whether nothing comes any more, and the connection stays.</summary>
    public bool Holds { get; init; }

    /// <summary>Whether no length is stated.</summary>
    public bool IsUnbounded { get; init; }
}
