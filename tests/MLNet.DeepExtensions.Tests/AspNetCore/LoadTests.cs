using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.AspNetCore;

[Collection(nameof(Alone))]
public class LoadTests(Served served, ITestOutputHelper output) : IClassFixture<Served>
{
    [Fact]
    public Task Overload_IsAnsweredOrRefused_AndOverWithinASecond() => OverloadAsync(TimeSpan.FromSeconds(3));

    [SlowFact]
    public Task OverloadForAMinute_IsAnsweredOrRefused_AndOverWithinASecond() => OverloadAsync(TimeSpan.FromMinutes(1));

    [Fact]
    public Task Soak_CrossesNoAnswers_AndGrowsNothing() => SoakAsync(requests: 3000, reloads: 2);

    [SlowFact]
    public Task SoakOf100000Requests_CrossesNoAnswers_AndGrowsNothing() => SoakAsync(requests: 100_000, reloads: 20);

    // each row takes a millisecond: the server can do a thousand in a second, and 300 clients ask for about ten times that
    private async Task OverloadAsync(TimeSpan duration)
    {
        await using var application = await served.StartAsync(options =>
        {
            (options.MaxBatchSize, options.QueueLimit, options.Deadline) = (8, 50, TimeSpan.FromSeconds(1));
        });
        using var client = Served.Client(application);
        var statuses = new ConcurrentDictionary<int, int>();
        var slowest = TimeSpan.Zero;
        var wrong = 0;
        var ending = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 300).Select(number => Task.Run(async () =>
        {
            for (var i = 0; ending.Elapsed < duration; i++)
            {
                var row = Served.Row(number * 1000 + i, delay: 1);
                var begun = Stopwatch.GetTimestamp();
                // every tenth caller has little patience
                using var patience = new CancellationTokenSource(number % 10 == 0 ? TimeSpan.FromMilliseconds(20) : TimeSpan.FromSeconds(60));
                try
                {
                    using var response = await Served.AskAsync(client, row, patience.Token);
                    statuses.AddOrUpdate((int)response.StatusCode, 1, (_, count) => count + 1);
                    if (response.StatusCode == HttpStatusCode.OK && (await response.Content.ReadFromJsonAsync<Told>(patience.Token))!.Echo != row.Number)
                        Interlocked.Increment(ref wrong);
                    if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                    {
                        Assert.True(response.Headers.Contains("Retry-After"));
                        await Task.Delay(20, CancellationToken.None);
                    }
                    lock (statuses)
                        slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(begun).Ticks));
                }
                catch (OperationCanceledException)
                {
                    statuses.AddOrUpdate(499, 1, (_, count) => count + 1);
                }
            }
        })));
        var over = Stopwatch.GetTimestamp();
        using (var response = await Served.AskAsync(client, Served.Row(7)))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var recovered = Stopwatch.GetElapsedTime(over);
        output.WriteLine($"{string.Join(", ", statuses.OrderBy(item => item.Key).Select(item => $"{item.Key}: {item.Value}"))}; slowest {slowest.TotalMilliseconds:0} ms; recovered in {recovered.TotalMilliseconds:0} ms");
        Assert.Subset(new HashSet<int> { 200, 499, 503 }, statuses.Keys.ToHashSet());
        Assert.True(statuses[200] > 100 && statuses[503] > 100, "It was no overload.");
        Assert.Equal(0, wrong);
        Assert.True(recovered < TimeSpan.FromSeconds(1), $"It took {recovered}.");
        Assert.Equal(0, Served.Predictions(application).QueuedRows);
    }

    private async Task SoakAsync(int requests, int reloads)
    {
        var path = served.PathOf($"{Guid.NewGuid():N}.zip");
        File.Copy(served.First, path);
        var rows = Enumerable.Range(0, 500).Select(number => Served.Row(number)).ToList();
        var (one, two) = (Served.Scores(served.First, rows), Served.Scores(served.Second, rows));
        await using var application = await served.StartAsync(options => options.Deadline = TimeSpan.FromMinutes(1), path, watch: true);
        using var client = Served.Client(application);
        var predictions = Served.Predictions(application);
        var firstVersion = predictions.Model!.Version;
        var wrappers = Served.WrappersOf(path);
        // a fifth of the requests first: by then all is warm, and what grows afterwards grows for ever
        await AskAsync(requests / 5, reloads / 5);
        var before = Measure();
        await AskAsync(requests, reloads);
        var after = Measure();
        output.WriteLine($"{requests} requests, {reloads} reloads; tensors {before.Tensors} → {after.Tensors}, managed {before.Managed >> 10} → {after.Managed >> 10} KiB, resident {before.Resident >> 20} → {after.Resident >> 20} MiB");
        Assert.Equal(before.Tensors + reloads * wrappers, after.Tensors);
        Assert.InRange(after.Managed - before.Managed, long.MinValue, 4 << 20);
        Assert.InRange(after.Resident - before.Resident, long.MinValue, 128 << 20);

        async Task AskAsync(int count, int swaps)
        {
            var (asked, done) = (0, false);
            var versions = new ConcurrentDictionary<string, int>();
            var swapping = Task.Run(async () =>
            {
                for (var swap = 0; swap < swaps; swap++)
                {
                    var old = predictions.Model!.Version;
                    File.Copy(old == firstVersion ? served.Second : served.First, path + ".tmp", overwrite: true);
                    File.Move(path + ".tmp", path, overwrite: true);
                    await BatchingTests.WaitUntil(() => predictions.Model!.Version != old);
                }
                done = true;
            });
            await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
            {
                for (int i; (i = Interlocked.Increment(ref asked)) <= count || !Volatile.Read(ref done);)
                {
                    var row = rows[i % rows.Count];
                    using var response = await Served.AskAsync(client, row);
                    Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                    var told = await response.Content.ReadFromJsonAsync<Told>();
                    var version = response.Headers.GetValues("Model-Version").Single();
                    versions[version] = 1;
                    Assert.Equal(row.Number, told!.Echo);
                    Assert.Equal((version == firstVersion ? one : two)[row.Number], told.Score, (a, b) => Math.Abs(a - b) <= 1e-5);
                }
            })));
            await swapping;
            Assert.Equal(swaps > 0 ? 2 : 1, versions.Count);
        }

        static (long Tensors, long Managed, long Resident) Measure()
        {
            LiveTensors.Settle();
            var managed = GC.GetTotalMemory(forceFullCollection: true);
            LiveTensors.Settle();
            using var process = Process.GetCurrentProcess();
            return (Tensor.TotalCount, managed, process.WorkingSet64);
        }
    }
}
