using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using TorchSharp;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>
/// A server under closed loads: each client asks again when it is answered. Micro-batching against a pool of engines that score one row each, both behind the same server and over the same wire.
/// The pool gets the better of one thread for each row and all threads.
/// </summary>
internal static class ServeBenchmark
{
    private const int Clients = 64;

    public static void Run(int pairs, double seconds)
    {
        var folder = Directory.CreateTempSubdirectory("serve").FullName;
        var table = new JsonArray();
        using (var headline = ServedModels.ResNet18(64, portable: false, folder))
        {
            // at least some batches of all clients
            var requests = Clients * 4;
            var threads = BestThreads(headline, seconds);
            Pairs.Run("serve", pairs, () => Load.Requests(headline.Served, Clients, requests), () => Load.Requests(headline.Pooled(threads), Clients, requests), () =>
            {
                foreach (var row in Table(headline, seconds))
                    table.Add(row);
                foreach (var make in new Func<ServedModels>[]
                {
                    () => ServedModels.ResNet18(64, portable: true, folder), () => ServedModels.LeNet5(portable: false, folder), () => ServedModels.LeNet5(portable: true, folder),
                    () => ServedModels.Texts(portable: false, folder), () => ServedModels.Texts(portable: true, folder),
                    () => ServedModels.ResNet18(224, portable: false, folder), () => ServedModels.ResNet18(224, portable: true, folder),
                })
                    using (var model = make())
                        foreach (var row in Table(model, seconds))
                            table.Add(row);
                return new JsonObject { ["clients"] = Clients, ["pool_threads"] = threads, ["table"] = table.DeepClone() };
            }, requests, asSpeed: true);
        }
        Directory.Delete(folder, recursive: true);
    }

    private static IEnumerable<JsonObject> Table(ServedModels model, double seconds)
    {
        var threads = BestThreads(model, seconds);
        foreach (var clients in new[] { 1, 8, 64, 256 })
        {
            // in turn, so that a machine that slows down does so for both
            var (ours, pooled) = (Load.Measure(model.Served, clients, seconds), Load.Measure(model.Pooled(threads), clients, seconds));
            var row = new JsonObject
            {
                ["model"] = model.Name, ["clients"] = clients, ["ratio"] = Pairs.Round(ours.PerSecond / pooled.PerSecond), ["rows_in_a_batch"] = Pairs.Round(ours.Batch),
                ["batched"] = ours.ToJson(), ["pooled"] = pooled.ToJson(), ["pool_threads"] = threads,
            };
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{model.Name,-24} {clients,3} clients: batched {ours}, {ours.Batch:0.0} rows in a batch; pooled {pooled} with {threads} threads; ratio {ours.PerSecond / pooled.PerSecond:0.00}"));
            yield return row;
        }
    }

    private static int BestThreads(ServedModels model, double seconds)
    {
        if (model.IsPortable)
            return 0;                                       // ONNX Runtime's threads are the session's
        var all = Environment.ProcessorCount;
        Load.Measure(model.Pooled(all), Clients, Math.Min(1, seconds));
        return new[] { 1, all }.MaxBy(threads => Load.Measure(model.Pooled(threads), Clients, seconds).PerSecond);
    }
}

/// <summary>Clients that ask again when they are answered.</summary>
internal static class Load
{
    public sealed record Result(double PerSecond, double P50, double P95, double P99, double Batch)
    {
        public JsonObject ToJson() => new() { ["per_second"] = Pairs.Round(PerSecond), ["p50_ms"] = Pairs.Round(P50), ["p95_ms"] = Pairs.Round(P95), ["p99_ms"] = Pairs.Round(P99) };

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerSecond:0}/s (p50 {P50:0.0}, p95 {P95:0.0}, p99 {P99:0.0} ms)");
    }

    /// <summary>The seconds that so many requests take.</summary>
    public static double Requests(ServedModels.Endpoint endpoint, int clients, int requests)
    {
        var left = requests;
        return Pairs.Seconds(() => Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            for (var i = client; Interlocked.Decrement(ref left) >= 0; i++)
                await endpoint.AskAsync(i);
        }))).GetAwaiter().GetResult());
    }

    public static Result Measure(ServedModels.Endpoint endpoint, int clients, double seconds)
    {
        Requests(endpoint, clients, 2 * clients);
        var watch = Stopwatch.StartNew();
        var answers = Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var own = new List<(double Milliseconds, int Batch)>();
            for (var i = client; watch.Elapsed.TotalSeconds < seconds; i++)
            {
                var begun = Stopwatch.GetTimestamp();
                var batch = await endpoint.AskAsync(i);
                own.Add((Stopwatch.GetElapsedTime(begun).TotalMilliseconds, batch));
            }
            return own;
        }))).GetAwaiter().GetResult().SelectMany(own => own).ToList();
        var took = watch.Elapsed.TotalSeconds;
        var times = answers.Select(answer => answer.Milliseconds).ToList();
        return new Result(answers.Count / took, Pairs.Quantile(times, 0.5), Pairs.Quantile(times, 0.95), Pairs.Quantile(times, 0.99), answers.Average(answer => answer.Batch));
    }
}
