using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.AspNetCore;

[Collection(nameof(Alone))]
public class ReloadTests(Served served) : IClassFixture<Served>
{
    private static readonly Asked row = Served.Row(5);

    [Theory]
    [InlineData("renamed")]
    [InlineData("overwritten")]
    [InlineData("in pieces")]
    [InlineData("many times")]
    public async Task AnotherFile_TakesOver_HoweverItIsWritten(string way)
    {
        var path = Fresh();
        await using var application = await served.StartAsync(path: path, watch: true);
        var predictions = Served.Predictions(application);
        var first = predictions.Model!;
        var second = await File.ReadAllBytesAsync(served.Second);
        switch (way)
        {
            case "renamed":
                await File.WriteAllBytesAsync(path + ".tmp", second);
                File.Move(path + ".tmp", path, overwrite: true);
                break;
            case "overwritten":
                await File.WriteAllBytesAsync(path, second);
                break;
            case "in pieces":
                await using (var file = File.Create(path))
                    for (var at = 0; at < second.Length; at += second.Length / 8 + 1)
                    {
                        await file.WriteAsync(second.AsMemory(at, Math.Min(second.Length / 8 + 1, second.Length - at)));
                        await file.FlushAsync();
                        await Task.Delay(60);
                    }
                break;
            default:
                for (var i = 0; i < 10; i++)
                {
                    await File.WriteAllBytesAsync(path, i % 2 == 0 ? second : await File.ReadAllBytesAsync(served.First));
                    await Task.Delay(20);
                }
                await File.WriteAllBytesAsync(path, second);
                break;
        }
        await BatchingTests.WaitUntil(() => predictions.Model!.Version != first.Version);
        Assert.Equal(Served.Scores(served.Second, [row])[0], (await predictions.PredictAsync(row)).Score, (a, b) => Math.Abs(a - b) <= 1e-5);
        Assert.Null(predictions.RefusedModel);
        Assert.True(predictions.ModelAge < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task BadFile_IsRefused_TheOldModelGoesOn_AndAGoodOneTakesOver()
    {
        var path = Fresh();
        await using var application = await served.StartAsync(path: path, watch: true);
        var predictions = Served.Predictions(application);
        var first = predictions.Model!;
        var health = new DeepPredictionsHealth<Asked, Told>(predictions);
        Assert.Equal(HealthStatus.Healthy, (await Check(health)).Status);
        var bad = await File.ReadAllBytesAsync(served.Second);
        await File.WriteAllBytesAsync(path, bad[..(bad.Length / 2)]);
        await BatchingTests.WaitUntil(() => predictions.RefusedModel is not null);
        Assert.Equal(first, predictions.Model);
        Assert.Equal(5, (await predictions.PredictAsync(row)).Echo);
        Assert.Equal(HealthStatus.Degraded, (await Check(health)).Status);
        File.Copy(served.Second, path, overwrite: true);
        await BatchingTests.WaitUntil(() => predictions.RefusedModel is null);
        Assert.NotEqual(first.Version, predictions.Model!.Version);
        Assert.Equal(HealthStatus.Healthy, (await Check(health)).Status);
    }

    [Fact]
    public async Task ModelThatFailsTheCanary_IsRefused()
    {
        var path = Fresh();
        var expected = Served.Scores(served.First, [Served.Row(-1)])[0][0];
        await using var application = await served.StartAsync(options => options.CanaryCheck = told => Math.Abs(told.Score[0] - expected) < 1e-4, path, watch: true);
        var predictions = Served.Predictions(application);
        var first = predictions.Model!;
        File.Copy(served.Second, path, overwrite: true);
        await BatchingTests.WaitUntil(() => predictions.RefusedModel is not null);
        Assert.Contains("CanaryCheck", predictions.RefusedModel);
        Assert.Equal(first, predictions.Model);
    }

    [Fact]
    public async Task SameBytesWrittenAgain_AreNoOtherModel()
    {
        var path = Fresh();
        await using var application = await served.StartAsync(path: path, watch: true);
        var first = Served.Predictions(application).Model!;
        await File.WriteAllBytesAsync(path, await File.ReadAllBytesAsync(served.First));
        await Task.Delay(1500);
        Assert.Same(first, Served.Predictions(application).Model);
        File.Delete(path);
        await Task.Delay(500);
        Assert.Same(first, Served.Predictions(application).Model);
        Assert.Null(Served.Predictions(application).RefusedModel);
    }

    [Fact]
    public async Task SwapsUnderLoad_CrossNoAnswers_AndLeaveNoTensors()
    {
        var path = Fresh();
        var rows = Enumerable.Range(0, 97).Select(number => Served.Row(number)).ToList();
        var (one, two) = (Served.Scores(served.First, rows), Served.Scores(served.Second, rows));
        var wrappers = Served.WrappersOf(path);
        LiveTensors.Settle();
        var before = Tensor.TotalCount;
        await using (var application = await served.StartAsync(path: path, watch: true))
        {
            var predictions = Served.Predictions(application);
            var firstVersion = predictions.Model!.Version;
            var versions = new HashSet<string>();
            using var ending = new CancellationTokenSource();
            LiveTensors.Settle();
            var serving = Tensor.TotalCount - before;
            var callers = Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
            {
                var asked = 0;
                for (var i = caller; !ending.IsCancellationRequested; i = (i + 8) % rows.Count, asked++)
                {
                    var answer = await predictions.PredictDetailedAsync(rows[i]);
                    Assert.Equal(rows[i].Number, answer.Answer.Echo);
                    Assert.Equal((answer.Model.Version == firstVersion ? one : two)[i], answer.Answer.Score, (a, b) => Math.Abs(a - b) <= 1e-5);
                }
                return asked;
            })).ToList();
            for (var swap = 0; swap < 4; swap++)
            {
                var old = predictions.Model!.Version;
                File.Copy(swap % 2 == 0 ? served.Second : served.First, path + ".tmp", overwrite: true);
                File.Move(path + ".tmp", path, overwrite: true);
                await BatchingTests.WaitUntil(() => predictions.Model!.Version != old);
                versions.Add(predictions.Model!.Version);
            }
            await ending.CancelAsync();
            Assert.All(await Task.WhenAll(callers), asked => Assert.True(asked > 10));
            Assert.Equal(2, versions.Count);
            LiveTensors.Settle();
            Assert.Equal(serving + 4 * wrappers, Tensor.TotalCount - before);
        }
        LiveTensors.Settle();
        Assert.Equal(before + 5 * wrappers, Tensor.TotalCount);
    }

    [Fact]
    public void ModelThatIsLetGoOf_FreesItsNetworkAtOnce_WithoutTheGarbageCollector()
    {
        var options = new DeepPredictionOptions<Asked, Told> { Workers = 3 };
        Served.With()(options);
        using var file = File.OpenRead(served.First);
        var model = ServedModel<Asked, Told>.Load(file, new DeepModelInfo("", "", default), options);
        LiveTensors.Settle();
        var loaded = Tensor.TotalCount;
        Assert.True(model.TryHold());
        model.Dispose();
        Assert.Equal(loaded, Tensor.TotalCount);
        model.Dispose();
        // two layers of weights and biases
        Assert.Equal(loaded - 4, Tensor.TotalCount);
        Assert.False(model.TryHold());
    }

    [Fact]
    public async Task ApplicationWithoutModel_DoesNotStart_UnlessItMay()
    {
        var path = served.PathOf($"{Guid.NewGuid():N}.zip");
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => served.StartAsync(path: path, watch: true));
        Assert.Contains(path, failure.Message);
        Assert.Contains("StartWithoutModel", failure.Message);
        await using var application = await served.StartAsync(options => options.StartWithoutModel = true, path, watch: true);
        var predictions = Served.Predictions(application);
        Assert.Equal(PredictionRefusal.NotReady, (await Assert.ThrowsAsync<PredictionRefusedException>(() => predictions.PredictAsync(row))).Reason);
        Assert.Equal(HealthStatus.Unhealthy, (await Check(new DeepPredictionsHealth<Asked, Told>(predictions))).Status);
        using var client = Served.Client(application);
        using var refused = await Served.AskAsync(client, row);
        await EndpointTests.AssertProblem(refused, 503);
        Assert.Equal("5", refused.Headers.GetValues("Retry-After").Single());
        File.Copy(served.First, path);
        await BatchingTests.WaitUntil(() => predictions.Model is not null);
        Assert.Equal(5, (await predictions.PredictAsync(row)).Echo);
    }

    [Fact]
    public async Task Address_IsAskedAgain_ByItsTag_AndItsFailuresAreSurvived()
    {
        var (file, broken, asked, notModified) = (served.First, false, 0, 0);
        await using var store = await Served.RunAsync(_ => { }, application => application.MapGet("/model.zip", (HttpContext context) =>
        {
            asked++;
            if (broken)
                return Results.StatusCode(500);
            var tag = $"\"{Path.GetFileName(file)}\"";
            if (context.Request.Headers.IfNoneMatch == tag)
            {
                notModified++;
                return Results.StatusCode(304);
            }
            return Results.File(file, "application/zip", entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue(tag));
        }));
        var address = new Uri(Served.AddressOf(store) + "/model.zip?secret=1");
        await using var application = await Served.RunAsync(builder => builder.Services.AddDeepPredictions(Served.With()).FromUri(address, TimeSpan.FromSeconds(1)), _ => { });
        var predictions = Served.Predictions(application);
        var first = predictions.Model!;
        Assert.DoesNotContain("secret", first.Source);
        await BatchingTests.WaitUntil(() => notModified > 0);
        Assert.Same(first, predictions.Model);
        broken = true;
        await BatchingTests.WaitUntil(() => predictions.RefusedModel is not null);
        Assert.Contains("answered 500", predictions.RefusedModel);
        Assert.Equal(5, (await predictions.PredictAsync(row)).Echo);
        (broken, file) = (false, served.Second);
        await BatchingTests.WaitUntil(() => predictions.Model!.Version != first.Version);
        Assert.Null(predictions.RefusedModel);
        Assert.Equal(Served.Scores(served.Second, [row])[0], (await predictions.PredictAsync(row)).Score, (a, b) => Math.Abs(a - b) <= 1e-5);
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetTempPath(), "model-*.zip"), left => File.GetLastWriteTimeUtc(left) > DateTime.UtcNow.AddMinutes(-1));
    }

    [Fact]
    public async Task ModelBeyondTheLimit_IsRefused()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => served.StartAsync(options => options.MaxModelBytes = 1000));
        Assert.Contains("MaxModelBytes = 1,000", failure.Message);
    }

    private static Task<HealthCheckResult> Check(DeepPredictionsHealth<Asked, Told> health) =>
        health.CheckHealthAsync(new HealthCheckContext { Registration = new HealthCheckRegistration("model", health, HealthStatus.Unhealthy, null) });

    private string Fresh()
    {
        var path = served.PathOf($"{Guid.NewGuid():N}.zip");
        File.Copy(served.First, path);
        return path;
    }
}
