using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNet.DeepExtensions.Tests.AspNetCore;

/// <summary>A row of a small model: what it is, and how its pipeline shall behave.</summary>
public sealed class Asked
{
    public int Number { get; set; }

    /// <summary>Milliseconds that the pipeline takes for this row.</summary>
    public int Delay { get; set; }

    /// <summary>Whether the pipeline throws at this row.</summary>
    public bool Breaks { get; set; }

    public string Text { get; set; } = "";

    [VectorType(Blobs.Width)]
    public float[] Features { get; set; } = new float[Blobs.Width];

    public string Label { get; set; } = "";
}

/// <summary>The answer, which tells whose it is.</summary>
public sealed class Told
{
    public int Echo { get; set; }

    public float[] Score { get; set; } = [];
}

/// <summary>A step that answers a row's number, takes the time that the row asks for, and fails where the row wants that.</summary>
[CustomMappingFactoryAttribute("Served.Behave")]
public sealed class Behave : CustomMappingFactory<Behave.In, Behave.Out>
{
    private static int scored;

    /// <summary>How many rows were scored, in the whole process.</summary>
    public static int Scored => Volatile.Read(ref scored);

    public override Action<In, Out> GetMapping() => (row, told) =>
    {
        Interlocked.Increment(ref scored);
        if (row.Breaks)
            throw new InvalidOperationException("secret of the row");
        if (row.Delay > 0)
            Thread.Sleep(row.Delay);
        told.Echo = row.Number;
    };

    public sealed class In
    {
        public int Number { get; set; }

        public int Delay { get; set; }

        public bool Breaks { get; set; }
    }

    public sealed class Out
    {
        public int Echo { get; set; }
    }
}

/// <summary>Model files, and applications that serve them on a port of this machine.</summary>
public sealed class Served : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("served").FullName;

    public Served()
    {
        First = Train("first.zip", seed: 1);
        Second = Train("second.zip", seed: 2);
    }

    /// <summary>The path of a model.</summary>
    public string First { get; }

    /// <summary>The path of another model for the same rows, with other weights.</summary>
    public string Second { get; }

    /// <summary>What TorchSharp counts as alive after a network was loaded and freed: the tensors that its layers were made from, whose memory the layers took over.</summary>
    public static long WrappersOf(string path) => LiveTensors.LeftBy(() =>
    {
        using var file = File.OpenRead(path);
        DeepModel.Load(file).Dispose();
    });

    public static Asked Row(int number, int delay = 0, bool breaks = false) => new()
    {
        Number = number, Delay = delay, Breaks = breaks, Features = [.. Enumerable.Range(0, Blobs.Width).Select(i => (number * 31 + i * 7) % 101 / 50f)],
    };

    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>What a model says to rows, without a server.</summary>
    public static float[][] Scores(string path, IEnumerable<Asked> rows)
    {
        var ml = new MLContext();
        ml.ComponentCatalog.RegisterAssembly(typeof(Behave).Assembly);
        var model = ml.Model.Load(path, out _);
        using var engine = ml.Model.CreatePredictionEngine<Asked, Told>(model);
        return [.. rows.Select(row => engine.Predict(row).Score.ToArray())];
    }

    public static Action<DeepPredictionOptions<Asked, Told>> With(Action<DeepPredictionOptions<Asked, Told>>? more = null) => options =>
    {
        options.Context = ml => ml.ComponentCatalog.RegisterAssembly(typeof(Behave).Assembly);
        options.Canary = Row(-1);
        more?.Invoke(options);
    };

    /// <summary>Starts an application on a free port.</summary>
    public static async Task<WebApplication> RunAsync(Action<WebApplicationBuilder> build, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        build(builder);
        var application = builder.Build();
        map(application);
        await application.StartAsync();
        return application;
    }

    /// <summary>Starts an application that serves the first model at /predict.</summary>
    public Task<WebApplication> StartAsync(Action<DeepPredictionOptions<Asked, Told>>? options = null, string? path = null, bool watch = false) =>
        RunAsync(builder => builder.Services.AddDeepPredictions(With(options)).FromFile(path ?? First, watch), application => application.MapDeepPredictions<Asked, Told>("/predict"));

    public static HttpClient Client(WebApplication application) => new(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 }) { BaseAddress = new Uri(AddressOf(application)) };

    public static string AddressOf(WebApplication application) => application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static DeepPredictions<Asked, Told> Predictions(WebApplication application) => application.Services.GetRequiredService<DeepPredictions<Asked, Told>>();

    public static Task<HttpResponseMessage> AskAsync(HttpClient client, Asked row, CancellationToken cancellation = default) => client.PostAsJsonAsync("/predict", row, cancellation);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Train(string name, int seed)
    {
        var ml = new MLContext(seed);
        var rows = Blobs.Rows(60).Select((row, i) => new Asked { Number = i, Features = row.Features, Label = row.Label }).ToList();
        var data = ml.Data.LoadFromEnumerable(rows);
        using var model = ml.Transforms.CustomMapping(new Behave().GetMapping(), "Served.Behave")
            .Append(ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [16] }, Blobs.Options with { Seed = seed })).Fit(data);
        ml.Model.Save(model, data.Schema, PathOf(name));
        return PathOf(name);
    }
}
