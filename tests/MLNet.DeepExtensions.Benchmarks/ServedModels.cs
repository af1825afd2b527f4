using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>One model behind one server, twice: in batches, and through a pool of engines as PredictionEnginePool keeps one.</summary>
internal sealed class ServedModels : IDisposable
{
    private readonly WebApplication application;
    private readonly HttpClient client;
    private readonly byte[][] bodies;

    [ThreadStatic]
    private static int threadsOfThisThread;

    private ServedModels(string name, bool isPortable, WebApplication application, byte[][] bodies)
    {
        (Name, IsPortable, this.application, this.bodies) = (name, isPortable, application, bodies);
        client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1024 })
        {
            BaseAddress = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        };
        Served = new Endpoint(this, "/served");
    }

    public string Name { get; }

    public bool IsPortable { get; }

    public Endpoint Served { get; }

    /// <param name="threads">How many threads libtorch takes for a row; 0 leaves it.</param>
    public Endpoint Pooled(int threads) => new(this, string.Create(CultureInfo.InvariantCulture, $"/pooled/{threads}"));

    public static ServedModels LeNet5(bool portable, string folder) => Images<Digit>("LeNet-5 28x28", new LeNet5(), 28 * 28, portable, folder);

    public static ServedModels ResNet18(int side, bool portable, string folder) => side == 64
        ? Images<Small>("ResNet-18 64x64", new ResNet(), 3 * 64 * 64, portable, folder)
        : Images<Large>("ResNet-18 224x224", new ResNet(), 3 * 224 * 224, portable, folder);

    public static ServedModels Texts(bool portable, string folder)
    {
        var random = new Random(1);
        var words = Enumerable.Range(0, 500).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 9)).Select(_ => (char)('a' + random.Next(26))))).ToArray();
        var rows = Enumerable.Range(0, 64).Select(i => new Sentence { Text = string.Join(' ', Enumerable.Range(0, random.Next(10, 40)).Select(_ => words[random.Next(words.Length)])), Label = (uint)(i % 2 + 1) }).ToList();
        return Start("Transformer on texts", rows, ml => ml.MulticlassClassification.Trainers.Deep(new TransformerEncoder(), options, featureColumnName: "Text"), portable, folder);
    }

    public void Dispose()
    {
        client.Dispose();
        application.StopAsync().GetAwaiter().GetResult();
        ((IAsyncDisposable)application).DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static DeepTrainerOptions options => new() { Epochs = 1, Seed = 1 };

    private static ServedModels Images<T>(string name, ModelConfig model, int bytes, bool portable, string folder)
        where T : Picture, new()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 20).Select(i =>
        {
            var row = new T { Label = (uint)(i % 10 + 1) };
            var pixels = new byte[bytes];
            random.NextBytes(pixels);
            row.SetPixels(pixels);
            return row;
        }).ToList();
        return Start(name, rows, ml => ml.MulticlassClassification.Trainers.Deep(model, options), portable, folder);
    }

    private static ServedModels Start<T>(string name, List<T> rows, Func<MLContext, DeepTrainer> trainer, bool portable, string folder)
        where T : class
    {
        torch.set_num_threads(Environment.ProcessorCount);
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(rows);
        var path = Path.Combine(folder, $"{Guid.NewGuid():N}.zip");
        using (var model = trainer(ml).Fit(data))
            if (portable)
                ml.Model.SavePortable(model, data.Schema, path);
            else
                ml.Model.Save(model, data.Schema, path);

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddDeepPredictions<T, Answer>(options =>
        {
            options.Canary = rows[0];
            options.Deadline = TimeSpan.FromMinutes(5);
        }).FromFile(path);
        var application = builder.Build();
        application.MapDeepPredictions<T, Answer>("/served");
        var pool = new DefaultObjectPool<PredictionEngine<T, Answer>>(new Engines<T>(new MLContext(), path));
        application.MapPost("/pooled/{threads:int}", async (HttpContext context) =>
        {
            var row = (await context.Request.ReadFromJsonAsync<T>())!;
            var threads = int.Parse((string)context.Request.RouteValues["threads"]!, CultureInfo.InvariantCulture);
            await context.Response.WriteAsJsonAsync(Predict(pool, row, threads));
        });
        application.StartAsync().GetAwaiter().GetResult();
        return new ServedModels($"{name} ({(portable ? "onnx" : "torch")})", portable, application, [.. rows.Select(row => JsonSerializer.SerializeToUtf8Bytes(row, JsonSerializerOptions.Web))]);
    }

    private static Answer Predict<T>(ObjectPool<PredictionEngine<T, Answer>> pool, T row, int threads)
        where T : class
    {
        // libtorch keeps the number for each calling thread
        if (threads > 0 && threads != threadsOfThisThread)
            torch.set_num_threads(threadsOfThisThread = threads);
        var engine = pool.Get();
        try
        {
            return engine.Predict(row);
        }
        finally
        {
            pool.Return(engine);
        }
    }

    /// <summary>One of the two ways to ask.</summary>
    internal sealed class Endpoint(ServedModels owner, string path)
    {
        /// <returns>How many rows the batch had.</returns>
        public async Task<int> AskAsync(int row)
        {
            using var content = new ByteArrayContent(owner.bodies[row % owner.bodies.Length]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var response = await owner.client.PostAsync(path, content);
            response.EnsureSuccessStatusCode();
            await response.Content.ReadAsByteArrayAsync();
            return response.Headers.TryGetValues("Server-Timing", out var timing) && timing.First().Split("batch;desc=\"") is [_, var batch] ? int.Parse(batch.TrimEnd('"'), CultureInfo.InvariantCulture) : 1;
        }
    }

    private sealed class Engines<T>(MLContext ml, string path) : PooledObjectPolicy<PredictionEngine<T, Answer>>
        where T : class
    {
        private readonly ITransformer model = ml.Model.Load(path, out _);

        public override PredictionEngine<T, Answer> Create() => ml.Model.CreatePredictionEngine<T, Answer>(model);

        public override bool Return(PredictionEngine<T, Answer> engine) => true;
    }

    internal abstract class Picture
    {
        [KeyType(10)]
        public uint Label { get; set; }

        public abstract void SetPixels(byte[] pixels);
    }

    internal sealed class Digit : Picture
    {
        [VectorType(28, 28)]
        public byte[] Features { get; set; } = [];

        public override void SetPixels(byte[] pixels) => Features = pixels;
    }

    internal sealed class Small : Picture
    {
        [VectorType(3, 64, 64)]
        public byte[] Features { get; set; } = [];

        public override void SetPixels(byte[] pixels) => Features = pixels;
    }

    internal sealed class Large : Picture
    {
        [VectorType(3, 224, 224)]
        public byte[] Features { get; set; } = [];

        public override void SetPixels(byte[] pixels) => Features = pixels;
    }

    internal sealed class Sentence
    {
        public string Text { get; set; } = "";

        [KeyType(2)]
        public uint Label { get; set; }
    }

    internal sealed class Answer
    {
        public float[] Score { get; set; } = [];
    }
}
