using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MLNet.DeepExtensions.Tests.Core.Hub;

/// <summary>A model comes from a hub whole or not at all, whatever the network does.</summary>
public sealed class ModelHubTests : IDisposable
{
    private readonly string cache = Directory.CreateTempSubdirectory("hub-").FullName;
    private readonly byte[] weights = new byte[300_000];
    private readonly HubServer server = new();

    public ModelHubTests()
    {
        new Random(1).NextBytes(weights);
        server.With("config.json", """{ "model_type": "bert" }""").With("vocab.txt", "[PAD]\n[UNK]\n").With("README.md", "# read me").With("tf_model.h5", "not ours")
            .With("pytorch_model.bin", "not needed").With("model.safetensors", weights, isLarge: true);
    }

    private HubOptions Options => new() { Endpoint = server.Endpoint, RetryDelay = TimeSpan.FromMilliseconds(1), Offline = false };

    private string Snapshot => Path.Combine(cache, "models--owner--model", "snapshots", HubServer.Commit);

    [Fact]
    public void Download_BringsWhatAModelNeeds_AndNothingElse()
    {
        var folder = Download();
        Assert.Equal(Snapshot, folder);
        Assert.Equal(["config.json", "model.safetensors", "vocab.txt"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        Assert.Equal(HubServer.Commit, File.ReadAllText(Path.Combine(cache, "models--owner--model", "refs", "main")));
        Assert.Empty(Directory.GetFiles(Path.Combine(cache, "models--owner--model", "partial")));
    }

    [Fact]
    public void WithoutSafetensors_TheFileOfPyTorchIsTaken_AndSoAreShardsWithAnIndex()
    {
        using var torch = new HubServer().With("config.json", "{}").With("pytorch_model.bin", weights, isLarge: true);
        Assert.True(File.Exists(Path.Combine(ModelHub.Download("owner/model", cacheDirectory: Path.Combine(cache, "torch"), options: Options with { Endpoint = torch.Endpoint }), "pytorch_model.bin")));

        using var sharded = new HubServer().With("config.json", "{}").With("model.safetensors.index.json", "{}").With("model-00001-of-00002.safetensors", weights, true).With("model-00002-of-00002.safetensors", weights, true)
            .With("model-00003-of-00002.bin", "no");
        Assert.Equal(4, Directory.GetFiles(ModelHub.Download("owner/model", cacheDirectory: Path.Combine(cache, "sharded"), options: Options with { Endpoint = sharded.Endpoint })).Length);
    }

    [Fact]
    public void AModelWithoutConfigOrWeights_IsRefused_BeforeAnythingIsDownloaded()
    {
        using var none = new HubServer().With("README.md", "nothing here");
        Assert.Contains("no config.json", Assert.Throws<InvalidModelFileException>(() => Download(Options with { Endpoint = none.Endpoint })).Message, StringComparison.Ordinal);
        using var half = new HubServer().With("config.json", "{}").With("model.safetensors.index.json", "{}").With("model-00001-of-00002.safetensors", weights, true);
        Assert.Contains("no weights that can be read", Assert.Throws<InvalidModelFileException>(() => Download(Options with { Endpoint = half.Endpoint })).Message, StringComparison.Ordinal);
        Assert.Single(half.Requests);
    }

    [Fact]
    public void AConnectionThatBreaks_IsTakenUpAgain_WhereItBroke()
    {
        server.Misbehave = asked => asked.IsFor("model.safetensors") && asked.Count <= 3
            ? server.Answer(asked) is var whole ? whole with { Body = whole.Body[..60_000], States = whole.Body.Length } : null : null;
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(Download(), "model.safetensors")));
        var ranges = server.Requests.Where(request => request.Contains("model.safetensors", StringComparison.Ordinal)).Select(request => request.Split(' ').Skip(1).FirstOrDefault()).ToList();
        Assert.Equal(4, ranges.Count);
        Assert.Equal([null, "60000-", "120000-", "180000-"], ranges);
    }

    [Fact]
    public void WhatAnEarlierRunLeft_IsGoneOnWith_AndDroppedWhereItIsNoBeginning()
    {
        server.Misbehave = asked => asked.IsFor("model.safetensors") ? server.Answer(asked) with { Body = weights[..100_000], States = weights.Length } : null;
        var e = Assert.Throws<HttpRequestException>(() => Download(Options with { Retries = 0 }));
        Assert.Contains("the next call goes on there", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Snapshot, "model.safetensors")));
        Assert.False(File.Exists(Path.Combine(cache, "models--owner--model", "refs", "main")));

        server.Misbehave = _ => null;
        server.Requests.Clear();
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(Download(), "model.safetensors")));
        Assert.Contains(server.Requests, request => request.EndsWith("model.safetensors 100000-", StringComparison.Ordinal));

        File.Delete(Path.Combine(Snapshot, "model.safetensors"));
        File.WriteAllBytes(Path.Combine(cache, "models--owner--model", "partial", $"{HubServer.Commit}.model.safetensors"), new byte[1000]);
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(Download(), "model.safetensors")));
    }

    [Fact]
    public void AServerThatKnowsNoRanges_SendsTheWholeAnew()
    {
        Directory.CreateDirectory(Path.Combine(cache, "models--owner--model", "partial"));
        File.WriteAllBytes(Path.Combine(cache, "models--owner--model", "partial", $"{HubServer.Commit}.model.safetensors"), weights[..1000]);
        server.Misbehave = asked => asked.IsFor("model.safetensors") ? server.Answer(asked with { From = 0 }) : null;
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(Download(), "model.safetensors")));
    }

    [Fact]
    public void AFileThatIsNotWhatItsChecksumSays_IsRefused_AndDeleted()
    {
        var other = weights.ToArray();
        other[^1] ^= 1;
        server.Misbehave = asked => asked.IsFor("model.safetensors") ? server.Answer(asked) with { Body = other } : null;
        var e = Assert.Throws<InvalidModelFileException>(() => Download());
        Assert.Contains("'model.safetensors' of 'owner/model' is not what its checksum says", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Snapshot, "model.safetensors")));
        Assert.Empty(Directory.GetFiles(Path.Combine(cache, "models--owner--model", "partial")));
    }

    [Fact]
    public void ASmallFile_IsHeldAgainstGitsChecksum()
    {
        server.Misbehave = asked => asked.IsFor("config.json") ? server.Answer(asked) with { Body = """{ "model_type": "gpt2" }"""u8.ToArray() } : null;
        Assert.Contains("checksum", Assert.Throws<InvalidModelFileException>(() => Download()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AHubWithoutChecksums_IsNotTrusted_UnlessTheCallerGivesThem()
    {
        server.StatesChecksums = false;
        Assert.Contains("states no checksum of 'config.json'", Assert.Throws<InvalidModelFileException>(() => Download()).Message, StringComparison.Ordinal);
        var hashes = new[] { "config.json", "vocab.txt", "model.safetensors" }.ToDictionary(name => name, name => HubServer.Sha256(server[name]));
        Assert.Equal(3, Directory.GetFiles(Download(Options with { Sha256 = hashes })).Length);
    }

    [Fact]
    public void AHubWhoseAnswersAloneStateChecksums_IsTakenAtItsWord_AlsoWhereAllHadComeBefore()
    {
        server.ListsChecksums = false;
        var partial = Directory.CreateDirectory(Path.Combine(cache, "models--owner--model", "partial")).FullName;
        File.WriteAllBytes(Path.Combine(partial, $"{HubServer.Commit}.model.safetensors"), weights);
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(Download(), "model.safetensors")));
        File.Delete(Path.Combine(Snapshot, "model.safetensors"));
        server.Misbehave = asked => asked.IsFor("model.safetensors") ? server.Answer(asked) with { Body = new byte[weights.Length] } : null;
        Assert.Contains("not what its checksum says", Assert.Throws<InvalidModelFileException>(() => Download()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AGivenChecksum_CountsMoreThanTheHubs_AndForFilesThatAreHereToo()
    {
        var wrong = new Dictionary<string, string> { ["model.safetensors"] = new string('0', 64) };
        Assert.Contains("checksum", Assert.Throws<InvalidModelFileException>(() => Download(Options with { Sha256 = wrong })).Message, StringComparison.Ordinal);
        Download();
        Assert.Contains("is not the file whose SHA-256 was given", Assert.Throws<InvalidModelFileException>(() => Download(Options with { Sha256 = wrong })).Message, StringComparison.Ordinal);
        Assert.Contains("is not the file whose SHA-256 was given", Assert.Throws<InvalidModelFileException>(() => Download(Options with { Sha256 = wrong, Offline = true })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "Check the name")]
    [InlineData(401, "Set Token")]
    [InlineData(403, "Set Token")]
    [InlineData(410, "answered 410")]
    public void ARefusal_IsSaidAtOnce_WithWhatToDo(int status, string advice)
    {
        server.Misbehave = _ => new HubAnswer(status, []);
        var e = Assert.Throws<HttpRequestException>(() => Download());
        Assert.Equal((HttpStatusCode)status, e.StatusCode);
        Assert.Contains(advice, e.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void ABusyHub_IsAskedAgain_AfterTheTimeItAsksFor()
    {
        server.Misbehave = asked => asked.IsFor("model.safetensors") && asked.Count == 1 ? new HubAnswer(429, [], "Retry-After: 1\r\n") : asked.IsFor("vocab.txt") && asked.Count <= 2 ? new HubAnswer(503, []) : null;
        var clock = Stopwatch.StartNew();
        Download();
        Assert.InRange(clock.Elapsed.TotalSeconds, 1, 20);
        Assert.Equal(3, server.Requests.Count(request => request.EndsWith("vocab.txt", StringComparison.Ordinal)));
    }

    [Fact]
    public void AHubThatStaysBusy_IsGivenUp_AndOneThatAsksForTooLongAtOnce()
    {
        server.Misbehave = _ => new HubAnswer(500, []);
        var e = Assert.Throws<HttpRequestException>(() => Download(Options with { Retries = 2 }));
        Assert.Equal(HttpStatusCode.InternalServerError, e.StatusCode);
        Assert.Equal(3, server.Requests.Count);
        server.Misbehave = _ => new HubAnswer(429, [], "Retry-After: 3600\r\n");
        Assert.Contains("asks to wait 01:00:00", Assert.Throws<HttpRequestException>(() => Download()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABodyThatStalls_IsBrokenOff_AndAskedForAgain()
    {
        server.Misbehave = asked => asked.IsFor("model.safetensors") && asked.Count == 1 ? server.Answer(asked) with { Body = weights[..1000], States = weights.Length, Holds = true } : null;
        Download(Options with { Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.Contains(server.Requests, request => request.EndsWith("model.safetensors 1000-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cancelling_EndsTheDownload_WhileABodyIsSlow()
    {
        server.Misbehave = asked => asked.IsFor("model.safetensors") ? server.Answer(asked) with { Body = weights[..1000], States = weights.Length, Holds = true } : null;
        using var cancel = new CancellationTokenSource();
        var running = ModelHub.DownloadAsync("owner/model", cacheDirectory: cache, options: Options, cancellationToken: cancel.Token);
        while (!server.Requests.ToArray().Any(request => request?.Contains("model.safetensors", StringComparison.Ordinal) == true))
            await Task.Delay(10);
        await Task.Delay(100);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.False(File.Exists(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public void AFileAboveTheLimit_IsRefused_BeforeItComes_AndWhileItComes()
    {
        var e = Assert.Throws<InvalidModelFileException>(() => Download(Options with { MaxFileBytes = 1000 }));
        Assert.Contains("MaxFileBytes allows 1,000", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Requests, request => request.EndsWith("model.safetensors", StringComparison.Ordinal));
        // a list that lies, and a body that states no length
        using var liar = new HubServer().With("config.json", "{}").With("model.safetensors", weights[..10], isLarge: true);
        liar.Misbehave = asked => asked.IsFor("model.safetensors") ? liar.Answer(asked) with { Body = weights, IsUnbounded = true } : null;
        Assert.Contains("goes on behind the 10 bytes", Assert.Throws<InvalidModelFileException>(() => Download(Options with { Endpoint = liar.Endpoint })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARedirect_IsFollowed_ButNotIntoTheOpen_AndTheTokenStaysWithTheHub()
    {
        using var storage = new HubServer();
        storage.Misbehave = _ => new HubAnswer(200, weights);
        server.Misbehave = asked => asked.IsFor("model.safetensors") ? server.Answer(asked) with { Status = 302, Body = [], Headers = $"Location: {storage.Endpoint}bucket/1?signature=secret\r\n" } : null;
        Download(Options with { Token = "hf_secret" });
        Assert.Equal([""], storage.Authorizations);
        Assert.All(server.Authorizations, authorization => Assert.Equal("Bearer hf_secret", authorization));

        Directory.Delete(Snapshot, recursive: true);
        server.Misbehave = asked => asked.IsFor("model.safetensors") ? new HubAnswer(302, [], "Location: http://example.com/weights?signature=secret\r\n") : null;
        var e = Assert.Throws<HttpRequestException>(() => Download(Options with { Token = "hf_secret" }));
        Assert.Contains("Only https is followed", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.ToString(), StringComparison.Ordinal);
        server.Misbehave = asked => asked.IsFor("model.safetensors") ? new HubAnswer(302, [], "Location: model.safetensors\r\n") : null;
        Assert.Contains("more than 5", Assert.Throws<HttpRequestException>(() => Download()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Offline_TakesWhatIsHere_AndAsksNobody()
    {
        Assert.Contains("Offline", Assert.Throws<FileNotFoundException>(() => Download(Options with { Offline = true })).Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
        var folder = Download();
        server.Requests.Clear();
        Assert.Equal(folder, Download(Options with { Offline = true }));
        Assert.Equal(folder, ModelHub.Download("owner/model", HubServer.Commit, cache, Options));
        Assert.Empty(server.Requests);
        File.Delete(Path.Combine(folder, "model.safetensors"));
        Assert.Throws<FileNotFoundException>(() => Download(Options with { Offline = true }));
    }

    [Fact]
    public void AHubThatCannotBeReached_IsAnError_EvenWhereAnOldCopyIsHere_WhichItNames()
    {
        Download();
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        Assert.Contains("set Offline = true", Assert.Throws<HttpRequestException>(() => Download(Options with { Endpoint = new Uri($"http://localhost:{port}"), Retries = 1 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASecondDownload_AsksForTheListAlone_AndMendsAFileOfAnotherLength()
    {
        Download();
        server.Requests.Clear();
        Download();
        Assert.Single(server.Requests);
        File.WriteAllText(Path.Combine(Snapshot, "vocab.txt"), "changed");
        Download();
        Assert.Equal(server["vocab.txt"], File.ReadAllBytes(Path.Combine(Snapshot, "vocab.txt")));
    }

    [Fact]
    public async Task SeveralAtOnce_DownloadEachFileOnce()
    {
        server.Misbehave = asked =>
        {
            Thread.Sleep(20);
            return null;
        };
        var folders = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ModelHub.DownloadAsync("owner/model", cacheDirectory: cache, options: Options)));
        Assert.Single(folders.Distinct());
        Assert.Single(server.Requests, request => request.Contains("model.safetensors", StringComparison.Ordinal));
    }

    [Fact]
    public void ARevisionWithASlash_IsEscaped_AndRemembered()
    {
        server.Revision = "refs/pr/1";
        var folder = ModelHub.Download("owner/model", "refs/pr/1", cache, Options);
        Assert.Equal(folder, ModelHub.Download("owner/model", "refs/pr/1", cache, Options with { Offline = true }));
        Assert.StartsWith("/api/models/owner/model/revision/refs%2Fpr%2F1", server.Requests[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../secrets")]
    [InlineData("owner/../model")]
    [InlineData("/etc/passwd")]
    [InlineData("owner/model/extra")]
    [InlineData("owner\\model")]
    [InlineData("http://example.com/model")]
    [InlineData("owner/mo del")]
    [InlineData("owner/model\n")]
    public void ANameThatIsNoModels_IsRefused(string id) =>
        Assert.Contains("owner/name", Assert.Throws<ArgumentException>(() => ModelHub.Download(id, cacheDirectory: cache, options: Options)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("../main")]
    [InlineData("main/../../x")]
    [InlineData("ma in")]
    [InlineData("a//b")]
    public void ARevisionThatIsNone_IsRefused(string revision) => Assert.Throws<ArgumentException>(() => ModelHub.Download("owner/model", revision, cache, Options));

    [Fact]
    public void AHubThatNamesFilesElsewhere_CannotWriteThere()
    {
        using var hostile = new HubServer().With("config.json", "{}").With("../../../evil.json", "x").With("model.safetensors", weights, isLarge: true).With("sub/vocab.txt", "x");
        Assert.Equal(2, Directory.GetFiles(Download(Options with { Endpoint = hostile.Endpoint })).Length);
        hostile.Misbehave = asked => asked.Path.StartsWith("/api/", StringComparison.Ordinal) ? new HubAnswer(200, """{ "sha": "../../x", "siblings": [] }"""u8.ToArray()) : null;
        Assert.Contains("calls the commit", Assert.Throws<InvalidModelFileException>(() => Download(Options with { Endpoint = hostile.Endpoint })).Message, StringComparison.Ordinal);
        hostile.Misbehave = _ => new HubAnswer(200, "<html>"u8.ToArray());
        Assert.Contains("cannot be read", Assert.Throws<InvalidModelFileException>(() => Download(Options with { Endpoint = hostile.Endpoint })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_AreCheckedAtTheDoor_AndHideTheToken()
    {
        Assert.Contains("https://", Assert.Throws<ArgumentException>(() => Download(Options with { Endpoint = new Uri("http://example.com") })).Message, StringComparison.Ordinal);
        Assert.Contains("without user", Assert.Throws<ArgumentException>(() => Download(Options with { Endpoint = new Uri("https://me:you@example.com") })).Message, StringComparison.Ordinal);
        Assert.Contains("64 hexadecimal", Assert.Throws<ArgumentException>(() => Download(Options with { Sha256 = new Dictionary<string, string> { ["a"] = "b" } })).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", (Options with { Token = "hf_secret" }).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", Assert.Throws<ArgumentException>(() => Download(Options with { Token = "hf_secret\r\nX: y" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_IsToldOfEachFile()
    {
        var seen = new List<HubProgress>();
        Download(Options with { Progress = new Recorder(seen) });
        Assert.Equal(new HubProgress("model.safetensors", weights.Length, weights.Length), seen[^1]);
        Assert.Contains(seen, progress => progress.File == "config.json");
    }

    private string Download(HubOptions? options = null) => ModelHub.Download("owner/model", cacheDirectory: cache, options: options ?? Options);

    public void Dispose()
    {
        server.Dispose();
        Directory.Delete(cache, recursive: true);
    }

    private sealed class Recorder(List<HubProgress> seen) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => seen.Add(value);
    }
}
